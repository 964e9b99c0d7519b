/** Home: what is in the SIM, what is under way, and what can be done. */
import { type ReactNode, useEffect } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { type Known, useKnown } from '../app/work.ts'
import { applied, type CertificateView, certificateInSim, describe, unfinished } from '../domain/index.ts'
import { Button, LinkButton } from '../look/button.tsx'
import { Icon } from '../look/icons.tsx'
import { RefusalNotice, Waiting } from '../look/notice.tsx'
import { LanguageSwitch } from '../look/screen.tsx'
import type { Texts } from '../texts/index.ts'
import { OrderStatus } from './order-status.tsx'

interface InSim {
  readonly simPresent: boolean
  readonly certificate?: CertificateView
}

export function HomeScreen() {
  const { t, device } = useSurroundings()
  const [sim, lookAgain] = useKnown<InSim>(async () => {
    const { readers } = await describe(device)
    if (!readers.some(({ name, present }) => name === 'SIM1' && present)) return { simPresent: false }
    const certificate = await certificateInSim(device)
    return { simPresent: true, ...(certificate && { certificate }) }
  })
  const [begun] = useKnown(() => unfinished(device))
  const [application] = useKnown(() => applied(device))
  useEffect(() => {
    document.title = t.app
  }, [t])
  useEffect(() => {
    addEventListener('focus', lookAgain)
    return () => removeEventListener('focus', lookAgain)
  }, [lookAgain])
  const isBegun = begun.state === 'known' && begun.value !== undefined
  return (
    <>
      <header className="flex items-center justify-between gap-3 pt-4 pr-2 pl-5">
        <h1 className="text-[1.25rem] leading-snug font-bold">
          {t.app}
          <span className="block text-[0.875rem] font-normal text-soft">{t.subtitle}</span>
        </h1>
        <LanguageSwitch />
      </header>
      <main className="flex grow flex-col gap-6 px-5 pt-5 pb-10">
        <StateCard sim={sim} lookAgain={lookAgain} />
        {isBegun && (
          <section className="flex flex-col gap-4 rounded-12 border-2 border-key p-4">
            <div>
              <h2 className="font-bold">{t.homeScreen.unfinished}</h2>
              <p>{t.homeScreen.unfinishedText}</p>
            </div>
            <LinkButton href="#/download">{t.homeScreen.resume}</LinkButton>
          </section>
        )}
        {!isBegun && application.state === 'known' && application.value !== undefined && (
          <section className="flex flex-col gap-3 rounded-12 border border-line p-4">
            <h2 className="font-bold">{t.homeScreen.application}</h2>
            <OrderStatus application={application.value} />
          </section>
        )}
        <nav aria-label={t.homeScreen.menu} className="divide-y divide-line border-y border-line">
          <MenuLink
            href="#/apply"
            icon={<Icon name="apply" />}
            title={t.homeScreen.apply}
            text={t.homeScreen.applyText}
          />
          <MenuLink
            href="#/download"
            icon={<Icon name="download" />}
            title={t.homeScreen.download}
            text={t.homeScreen.downloadText}
          />
          <MenuLink
            href="#/certificate"
            icon={<Icon name="certificate" />}
            title={t.homeScreen.certificate}
            text={t.homeScreen.certificateText}
          />
        </nav>
      </main>
    </>
  )
}

function MenuLink({ href, icon, title, text }: { href: string; icon: ReactNode; title: string; text: string }) {
  return (
    <a href={href} className="flex min-h-18 items-center gap-4 py-3 hover:bg-key-pale">
      <span className="text-key">{icon}</span>
      <span className="grow">
        <span className="block font-bold">{title}</span>
        <span className="block text-[0.875rem] text-soft">{text}</span>
      </span>
      <Icon name="next" className="size-5 text-quiet" />
    </a>
  )
}

function StateCard({ sim, lookAgain }: { sim: Known<InSim>; lookAgain: () => void }) {
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
  good: 'border-key bg-key text-white',
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
