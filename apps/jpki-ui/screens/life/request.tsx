/** A procedure that the person signs for: what it does, the My Number card, its way into the SIM, its end. */
import { type ReactNode, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { type BegunEvent, type Chance, type Device, type Signer, unfinishedEvent } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'
import { Unfinished } from './concerns.tsx'
import { type Running, RunningScreen } from './running.tsx'

export const chance: Chance = { now: () => new Date(), newId: () => crypto.randomUUID() }
export const toProcedures = (): void => {
  location.hash = '#/life'
}

interface RequestScreenProps {
  readonly event: Running
  readonly ask: (device: Device, signer: Signer, chance: Chance) => Promise<BegunEvent>
  readonly texts: {
    readonly title: string
    readonly sign: string
    readonly doneTitle: string
    readonly doneText: string
  }
  /** Above the card: what will happen. */
  readonly children: ReactNode
  /** Whether it may be sent; says in its own place why not. */
  readonly mayAsk?: () => boolean
  /** Below the words of the end. */
  readonly end?: ReactNode
}

export function RequestScreen({ event, ask, texts, children, mayAsk = () => true, end }: RequestScreenProps) {
  const { t, device } = useSurroundings()
  const [before, askBefore] = useKnown(() => unfinishedEvent(device))
  const [isDone, setDone] = useState(false)
  const [asking, begin] = useWork((signPassword: string) => ask(device, { signPassword }, chance))
  const earlier = before.state === 'known' ? before.value : undefined
  const begun = asking.state === 'done' ? asking.value : earlier?.event === event ? earlier : undefined
  if (isDone)
    return (
      <Screen title={texts.doneTitle} back="#/life">
        <div role="status">
          <Notice kind="good" title={texts.doneText} />
        </div>
        {end}
        <LinkButton kind="text" href="#/">
          {t.home}
        </LinkButton>
      </Screen>
    )
  if (begun !== undefined) return <RunningScreen begun={begun} event={event} onDone={() => setDone(true)} />
  return (
    <Screen title={texts.title} back="#/life">
      {before.state === 'asking' && <Waiting />}
      {before.state === 'refused' && (
        <>
          <RefusalNotice refusal={before.refusal} />
          <Button kind="outlined" onClick={askBefore}>
            {t.again}
          </Button>
        </>
      )}
      {before.state === 'known' && (
        <>
          {earlier !== undefined && <Unfinished begun={earlier} text={t.life.event[earlier.event]} />}
          {children}
          <SignWithCard
            label={texts.sign}
            busy={t.life.signing}
            signing={asking}
            onSign={(signPassword) => mayAsk() && begin(signPassword)}
            onBack={toProcedures}
          />
        </>
      )}
    </Screen>
  )
}
