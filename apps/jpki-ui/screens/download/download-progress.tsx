/** The download while it runs: steps, bar, the PIN at its moment, the end. It can be left and come back to. */
import type { Refusal } from '@mobile-jpki/refusal'
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { asRefusal } from '../../app/work.ts'
import { type Begun, follow, type Progress } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Spinner } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Bar, Steps } from '../../look/steps.tsx'
import { ChoosePin } from '../secrets/choose-pin.tsx'

const order = ['authenticated', 'deployment', 'applet', 'certificate', 'pin', 'proof'] as const

/** Which of the steps is under way. */
function placeOf({ state, apdus, pin }: Progress): number {
  if (state === 'active') return order.length
  if (state === 'delivered') return 5
  if (pin !== 'later') return 4
  if (state === 'appletInstalled') return 3
  return apdus === 0 ? 1 : 2
}

/** Within the applet's step the octets show that it moves; how many there will be, only the carrier knows. */
const halfway = 12_000
const partOf = (progress: Progress): number => {
  const place = placeOf(progress)
  const within = place === 2 ? progress.octets / (progress.octets + halfway) : 0
  return (place + within) / order.length
}

type End = { readonly end: 'complete' } | { readonly end: 'refused'; readonly refusal: Refusal }

export function DownloadProgress({ begun }: { begun: Begun }) {
  const { t, device } = useSurroundings()
  const [progress, see] = useState<Progress>()
  const [choose, setChoose] = useState<(pin: string) => void>()
  const [end, setEnd] = useState<End>()
  const [turn, nextTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn follows it again
  useEffect(() => {
    const leaving = new AbortController()
    const whileOpen = <T,>(begin: (resolve: (value: T) => void) => void): Promise<T> =>
      new Promise((resolve, reject) => {
        leaving.signal.addEventListener('abort', () => reject(leaving.signal.reason), { once: true })
        begin(resolve)
      })
    follow(device, begun, {
      now: () => new Date(),
      pause: (milliseconds) => whileOpen((resolve) => setTimeout(resolve, milliseconds)),
      progress: (now) => !leaving.signal.aborted && see(now),
      choosePin: () => whileOpen<string>((resolve) => setChoose(() => resolve)),
    }).then(
      () => setEnd({ end: 'complete' }),
      (error: unknown) => !leaving.signal.aborted && setEnd({ end: 'refused', refusal: asRefusal(error) }),
    )
    return () => leaving.abort()
  }, [device, begun, turn])

  if (end?.end === 'complete') return <Complete />
  if (end?.end === 'refused')
    return (
      <Screen title={t.download.stoppedTitle}>
        <RefusalNotice refusal={end.refusal} />
        <Button
          onClick={() => {
            setEnd(undefined)
            nextTurn(turn + 1)
          }}
        >
          {t.download.resume}
        </Button>
        <LinkButton kind="text" href="#/">
          {t.home}
        </LinkButton>
      </Screen>
    )
  if (choose !== undefined && progress?.pin === 'wanted')
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
  return <Running progress={progress} />
}

function Running({ progress }: { progress: Progress | undefined }) {
  const { t } = useSurroundings()
  const shown = progress ?? { state: 'authenticated', apdus: 0, octets: 0, pin: 'later', waiting: false }
  const kilobytes = `${(shown.octets / 1000).toLocaleString('ja-JP', { maximumFractionDigits: 1 })} kB`
  return (
    <Screen title={t.download.progressTitle}>
      <p>{t.download.keepOpen}</p>
      <div className="flex flex-col gap-2">
        <Bar label={t.download.progressTitle} part={partOf(shown)} />
        <p className="text-right text-[0.875rem] text-soft tabular-nums">
          {t.download.carried(shown.apdus, kilobytes)}
        </p>
      </div>
      <div aria-live="polite" className="contents">
        {shown.waiting && (
          <Notice kind="care" title={t.download.waiting}>
            <p className="flex items-start gap-3">
              <Spinner className="mt-1 size-5 text-care" />
              {t.download.waitingText}
            </p>
          </Notice>
        )}
      </div>
      <Steps steps={order.map((name) => t.download.steps[name])} now={placeOf(shown)} still={shown.waiting} />
    </Screen>
  )
}

function Complete() {
  const { t } = useSurroundings()
  return (
    <Screen title={t.download.doneTitle}>
      <div role="status">
        <Notice kind="good" title={t.download.doneText} />
      </div>
      <Bar label={t.download.progressTitle} part={1} />
      <Steps steps={order.map((name) => t.download.steps[name])} now={order.length} />
      <LinkButton href="#/certificate">{t.homeScreen.certificate}</LinkButton>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
