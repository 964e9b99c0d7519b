/** Another SIM, of the same carrier or another one, with or without another phone: how it goes, and what this SIM needs now. */
import { useSurroundings } from '../../app/surroundings.ts'
import { LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Screen } from '../../look/screen.tsx'
import { AskedSituation } from '../life/asked-situation.tsx'
import { Concerns } from '../life/concerns.tsx'

export function AnotherSimScreen() {
  const { t } = useSurroundings()
  const texts = t.procedures.anotherSim
  const ways = [
    { title: texts.sameCarrier, steps: texts.steps.same },
    { title: texts.otherCarrier, steps: texts.steps.other },
    { title: texts.newPhone, steps: texts.steps.newPhone },
  ]
  return (
    <AskedSituation title={texts.title}>
      {(situation) => (
        <Screen title={texts.title} back="#/life">
          <Concerns of={situation} at="#/another-sim" />
          <Facts facts={[{ name: texts.thisSim, value: situation.iccid ?? t.state.noSim.label, mono: true }]} />
          {situation.life === undefined && (
            <>
              <p>{texts.noCertificate}</p>
              <LinkButton href="#/apply">{texts.apply}</LinkButton>
            </>
          )}
          {ways.map(({ title, steps }) => (
            <section key={title} className="flex flex-col gap-2">
              <h2 className="text-[1.125rem] font-bold">{title}</h2>
              <ol className="flex list-decimal flex-col gap-1.5 pl-6">
                {steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </section>
          ))}
          <LinkButton kind="text" href="#/life">
            {t.life.toProcedures}
          </LinkButton>
        </Screen>
      )}
    </AskedSituation>
  )
}
