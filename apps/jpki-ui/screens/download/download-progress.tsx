/** The download while it runs: steps, bar, the PIN at its moment, the end. It can be left and come back to. */
import type { Refusal } from '@mobile-jpki/refusal'
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { asRefusal } from '../../app/work.ts'
import { type Begun, downloadSteps, follow, type Progress, percentOf, placeOf } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Spinner } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Bar, Steps } from '../../look/steps.tsx'
import { ChoosePin } from '../secrets/choose-pin.tsx'

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
  const place = placeOf(shown)
  const step = downloadSteps[place] ?? 'proof'
  const percent = percentOf(shown)
  const kilobytes = (shown.octets / 1000).toLocaleString(t.language, { maximumFractionDigits: 1 })
  return (
    <Screen title={t.download.progressTitle}>
      <div className="flex flex-col gap-2">
        <p className="flex items-baseline justify-between gap-3">
          <span className="text-[2.25rem] leading-none font-bold tabular-nums">{percent}%</span>
          <span className="text-right text-[0.875rem] text-soft tabular-nums">
            {t.download.place(place + 1, downloadSteps.length)}
          </span>
        </p>
        <Bar label={t.download.progressTitle} part={percent / 100} />
        {shown.apdus > 0 && (
          <p className="text-right text-[0.875rem] text-soft tabular-nums">
            {t.download.carried(shown.apdus, `${kilobytes} kB`)}
          </p>
        )}
      </div>
      <div role="status" className="flex flex-col gap-3">
        {shown.waiting ? (
          <Notice kind="care" title={t.download.waiting}>
            <p className="flex items-start gap-3">
              <Spinner className="mt-1 size-5 text-care" />
              {t.download.waitingText}
            </p>
          </Notice>
        ) : (
          <Notice title={t.download.steps[step].text}>
            <p>{t.download.steps[step].what}</p>
          </Notice>
        )}
      </div>
      <Steps steps={downloadSteps.map((name) => t.download.steps[name])} now={place} still={shown.waiting} />
      <section className="flex flex-col gap-1.5">
        <h2 className="font-bold">{t.download.safe}</h2>
        <ul className="flex list-disc flex-col gap-1 pl-6">
          {t.download.safeTexts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
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
      <Steps steps={downloadSteps.map((name) => t.download.steps[name])} now={downloadSteps.length} />
      <LinkButton href="#/certificate">{t.homeScreen.certificate}</LinkButton>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
