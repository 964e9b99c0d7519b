/** Home: what is in the SIM, what is under way, and what can be done. */
import { type ReactNode, useEffect } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { type Known, useKnown } from '../app/work.ts'
import { applied, type CertificateView, certificateInSim, describe, unfinished } from '../domain/index.ts'
import { Button, LinkButton } from '../look/button.tsx'
import { Icon } from '../look/icons.tsx'
import { RefusalNotice } from '../look/notice.tsx'
import { LanguageSwitch } from '../look/screen.tsx'
import { OrderStatus } from './order-status.tsx'

export interface InSim {
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
  }, 5000)
  const [begun] = useKnown(() => unfinished(device))
  const [application] = useKnown(() => applied(device))
  useEffect(() => {
    document.title = t.app
  }, [t])
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
  return (
    <section className="flex flex-col gap-3 rounded-16 bg-key p-5 text-white" aria-live="polite">
      <h2 className="flex items-center gap-2 text-[0.875rem]">
        <Icon name="sim" className="size-5" />
        {t.state.ofThisSim}
      </h2>
      {sim.state === 'asking' ? (
        <p role="status" className="min-h-20">
          {t.loading}
        </p>
      ) : (
        <StateText {...sim.value} />
      )}
    </section>
  )
}

function StateText({ simPresent, certificate }: InSim) {
  const { t } = useSurroundings()
  const { label, text } = stateOf({ simPresent, ...(certificate && { certificate }) }, t)
  return (
    <>
      <p className="text-[1.75rem] leading-tight font-bold">{label}</p>
      <p>{text}</p>
      {certificate !== undefined && certificate.triesLeft > 0 && (
        <p className="border-t border-white/40 pt-3 text-[0.875rem]">
          {t.state.pinTries}: {t.triesLeft(certificate.triesLeft)}
        </p>
      )}
    </>
  )
}

function stateOf({ simPresent, certificate }: InSim, { state, date }: ReturnType<typeof useSurroundings>['t']) {
  if (!simPresent) return state.noSim
  if (certificate === undefined) return state.none
  if (certificate.triesLeft === 0) return state.blocked
  if (certificate.notAfter <= new Date()) return state.expired(date(certificate.notAfter))
  return state.valid(date(certificate.notAfter))
}
