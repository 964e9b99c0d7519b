/** What the person has to know about the certificate now, each with its way out. */
import { useEffect } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { type Known, useKnown } from '../../app/work.ts'
import {
  type BegunEvent,
  type Concern,
  catchUp,
  type Situation,
  situation,
  unfinishedEvent,
} from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Notice } from '../../look/notice.tsx'

const ways: Readonly<Record<Concern, string>> = {
  phoneChanged: '#/rebind',
  simChanged: '#/apply-again',
  stopped: '#/found',
  simLost: '#/found',
  lineSuspended: '#/life',
  cardStopped: '#/life',
  cardEnded: '#/apply-again',
  expired: '#/apply-again',
  lineEnded: '#/apply-again',
  replaced: '#/life',
  ended: '#/apply-again',
  pinLocked: '#/pin-reset',
  seenElsewhere: '#/rebind',
  simRenewed: '#/another-sim',
  expiring: '#/apply-again',
}

/** Where a request that was begun is gone on with. */
export const placeOf: Readonly<Record<BegunEvent['event'], string>> = {
  pinReset: '#/pin-reset',
  resume: '#/found',
  dispose: '#/stop-using',
  giveUp: '#/give-up',
  rebind: '#/rebind',
}

export function useSituation(): readonly [Known<Situation>, () => void] {
  const { device } = useSurroundings()
  return useKnown(() => situation(device, new Date()))
}

export function Concerns({ of: { concerns, life, daysLeft }, at }: { of: Situation; at: string }) {
  const { t } = useSurroundings()
  return concerns.map((concern) => {
    const { title, text, way } = t.life.concern[concern]
    return (
      <Notice key={concern} kind="care" title={title}>
        <p>{text}</p>
        {concern === 'expiring' && life !== undefined && daysLeft !== undefined && (
          <p className="font-bold">
            {t.life.until(t.date(life.notAfter))} ({t.life.daysLeft(daysLeft)})
          </p>
        )}
        {ways[concern] !== at && (
          <LinkButton kind="outlined" href={ways[concern]}>
            {way}
          </LinkButton>
        )}
      </Notice>
    )
  })
}

/** On the first screen: does what waits for the SIM, says what is under way and what there is to know. Silent while nobody can be asked. */
export function LifeNotices() {
  const { t, device } = useSurroundings()
  const [known, askAgain] = useSituation()
  const [begun] = useKnown(() => unfinishedEvent(device))
  useEffect(() => {
    const leaving = new AbortController()
    const pause = (milliseconds: number) =>
      new Promise<void>((resolve, reject) => {
        leaving.signal.addEventListener('abort', reject, { once: true })
        setTimeout(resolve, milliseconds)
      })
    catchUp(device, { pause }).then(
      (isDone) => isDone && !leaving.signal.aborted && askAgain(),
      () => undefined,
    )
    return () => leaving.abort()
  }, [device, askAgain])
  return (
    <>
      {begun.state === 'known' && begun.value !== undefined && (
        <Unfinished begun={begun.value} text={t.life.event[begun.value.event]} />
      )}
      {known.state === 'known' && <Concerns of={known.value} at="#/" />}
    </>
  )
}

export function Unfinished({ begun, text }: { begun: BegunEvent; text: string }) {
  const { t } = useSurroundings()
  return (
    <section className="flex flex-col gap-4 rounded-12 border-2 border-key p-4">
      <div>
        <h2 className="font-bold">
          {t.life.unfinished}: {text}
        </h2>
        <p>{t.life.unfinishedText}</p>
      </div>
      <LinkButton href={placeOf[begun.event]}>{t.life.goOn}</LinkButton>
    </section>
  )
}
