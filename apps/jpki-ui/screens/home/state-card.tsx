/** What is in the SIM, at a glance. */
import { useSurroundings } from '../../app/surroundings.ts'
import type { Known } from '../../app/work.ts'
import type { CertificateView } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Icon } from '../../look/icons.tsx'
import { RefusalNotice, Waiting } from '../../look/notice.tsx'
import type { Texts } from '../../texts/index.ts'

export interface InSim {
  readonly simPresent: boolean
  readonly certificate?: CertificateView
}

export function StateCard({ sim, lookAgain }: { sim: Known<InSim>; lookAgain: () => void }) {
  const { t } = useSurroundings()
  if (sim.state === 'refused')
    return (
      <div className="flex flex-col gap-3">
        <RefusalNotice refusal={sim.refusal} />
        <Button kind="outlined" onClick={lookAgain}>
          {t.again}
        </Button>
      </div>
    )
  const shown = sim.state === 'asking' ? undefined : stateOf(sim.value, t)
  return (
    <section
      aria-live="polite"
      className={`flex min-h-40 flex-col gap-2.5 rounded-16 border-2 p-5 ${tones[shown?.tone ?? 'empty']}`}
    >
      <h2 className="flex items-center gap-2 text-[0.875rem]">
        <Icon name="sim" className="size-5" />
        {t.state.ofThisSim}
      </h2>
      {shown === undefined ? (
        <Waiting />
      ) : (
        <>
          <p className="text-[1.75rem] leading-tight font-bold">{shown.label}</p>
          <p>{shown.text}</p>
          {shown.triesLeft !== undefined && (
            <p className="border-t border-current/40 pt-2.5 text-[0.875rem]">
              {t.state.pinTries}: {t.triesLeft(shown.triesLeft)}
            </p>
          )}
        </>
      )}
    </section>
  )
}

const tones = {
  good: 'border-key bg-key text-on-key',
  empty: 'border-key-light bg-key-pale',
  bad: 'border-bad bg-bad-pale',
} as const

interface Shown {
  readonly tone: keyof typeof tones
  readonly label: string
  readonly text: string
  readonly triesLeft?: number
}

function stateOf({ simPresent, certificate }: InSim, { state, date }: Texts): Shown {
  if (!simPresent) return { tone: 'bad', ...state.noSim }
  if (certificate === undefined) return { tone: 'empty', ...state.none }
  const { triesLeft, notAfter } = certificate
  if (triesLeft === 0) return { tone: 'bad', ...state.blocked }
  if (notAfter <= new Date()) return { tone: 'bad', ...state.expired(date(notAfter)) }
  return { tone: 'good', ...state.valid(date(notAfter)), triesLeft }
}
