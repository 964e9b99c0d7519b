/** A signed request on its way: its steps, the new PIN at its moment, what stopped it. It can be left and come back to. */
import type { Refusal } from '@mobile-jpki/refusal'
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { asRefusal } from '../../app/work.ts'
import { type BegunEvent, type EventProgress, followBegun } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Spinner } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Bar, Steps } from '../../look/steps.tsx'
import { ChoosePin } from '../secrets/choose-pin.tsx'

const stepsOf = {
  pinReset: ['asked', 'pin', 'sim'],
  resume: ['asked', 'jpki', 'sim'],
  dispose: ['asked', 'jpki', 'sim'],
} as const
export type Running = keyof typeof stepsOf

function placeOf(event: Running, { state, pin }: EventProgress): number {
  if (state === 'done' || state === 'atCarrier') return 3
  if (event === 'pinReset') return pin === 'given' ? 2 : 1
  return state === 'atSim' ? 2 : 1
}

const first: EventProgress = { state: 'atJpki', pin: 'later', waiting: false }

export function RunningScreen({ begun, event, onDone }: { begun: BegunEvent; event: Running; onDone: () => void }) {
  const { t, device } = useSurroundings()
  const [progress, see] = useState(first)
  const [choose, setChoose] = useState<(pin: string) => void>()
  const [refusal, refuse] = useState<Refusal>()
  const [turn, nextTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn follows it again
  useEffect(() => {
    const { signal, abort } = leaving()
    const whileOpen = <T,>(begin: (resolve: (value: T) => void) => void): Promise<T> =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        begin(resolve)
      })
    followBegun(device, begun, {
      now: () => new Date(),
      pause: (milliseconds) => whileOpen((resolve) => setTimeout(resolve, milliseconds)),
      seen: (now) => !signal.aborted && see(now),
      choosePin: () => whileOpen<string>((resolve) => setChoose(() => resolve)),
    }).then(
      () => !signal.aborted && onDone(),
      (error: unknown) => !signal.aborted && refuse(asRefusal(error)),
    )
    return abort
  }, [device, begun, turn])

  if (refusal !== undefined)
    return (
      <Screen title={t.life.run.stopped}>
        <RefusalNotice refusal={refusal} />
        <Button
          onClick={() => {
            refuse(undefined)
            nextTurn(turn + 1)
          }}
        >
          {t.again}
        </Button>
        <LinkButton kind="text" href="#/life">
          {t.life.toProcedures}
        </LinkButton>
      </Screen>
    )
  if (choose !== undefined && progress.pin === 'wanted')
    return (
      <Screen title={t.download.choosePin}>
        <ChoosePin
          onPin={(pin) => {
            choose(pin)
            setChoose(undefined)
          }}
        />
      </Screen>
    )
  const place = placeOf(event, progress)
  return (
    <Screen title={t.life.run.title}>
      <p>{t.life.run.text}</p>
      <Bar label={t.life.run.title} part={place / 3} />
      <div aria-live="polite" className="contents">
        {progress.waiting && (
          <Notice kind="care" title={t.download.waiting}>
            <p className="flex items-start gap-3">
              <Spinner className="mt-1 size-5 text-care" />
              {t.download.waitingText}
            </p>
          </Notice>
        )}
      </div>
      <Steps steps={stepsOf[event].map((name) => t.life.run.steps[name])} now={place} still={progress.waiting} />
    </Screen>
  )
}

function leaving() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
