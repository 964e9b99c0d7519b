/** Home: what is in the SIM, what is under way, and what can be done. */
import { useEffect } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { applied, certificateInSim, describe, unfinished } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { LanguageSwitch } from '../../look/screen.tsx'
import { OrderStatus } from '../apply/order-status.tsx'
import { LifeNotices } from '../life/concerns.tsx'
import { Menu } from './menu.tsx'
import { type InSim, StateCard } from './state-card.tsx'

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
        <LifeNotices />
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
        <Menu inUse={sim.state === 'known' && sim.value.certificate !== undefined} />
      </main>
    </>
  )
}
