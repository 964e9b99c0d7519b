/** The SIM is in this phone now, or the app was installed anew: the My Number card names this phone. */
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { describe, rebind } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { AskedSituation } from '../life/asked-situation.tsx'
import { Concerns } from '../life/concerns.tsx'
import { chance, toProcedures } from '../life/request.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'

export function RebindScreen() {
  const { t, device } = useSurroundings()
  const texts = t.procedures.rebind
  const [phone] = useKnown(() => describe(device))
  const [binding, bind] = useWork((signPassword: string) => rebind(device, { signPassword }, chance))
  if (binding.state === 'done')
    return (
      <Screen title={texts.doneTitle} back="#/life">
        <div role="status">
          <Notice kind="good" title={texts.doneText} />
        </div>
        <LinkButton kind="text" href="#/">
          {t.home}
        </LinkButton>
      </Screen>
    )
  return (
    <AskedSituation title={texts.title}>
      {(situation) => {
        const isNeeded = situation.concerns.some((one) => one === 'phoneChanged' || one === 'seenElsewhere')
        return (
          <Screen title={texts.title} back="#/life">
            <Concerns of={situation} at="#/rebind" />
            {phone.state === 'known' && (
              <Facts
                facts={[
                  { name: texts.device, value: `${phone.value.model} (${phone.value.os})` },
                  { name: t.apply.iccid, value: situation.iccid ?? t.state.noSim.label, mono: true },
                ]}
              />
            )}
            {isNeeded ? (
              <>
                <p>{texts.text}</p>
                <SignWithCard
                  label={texts.sign}
                  busy={t.life.signing}
                  signing={binding}
                  onSign={bind}
                  onBack={toProcedures}
                />
              </>
            ) : (
              <>
                {situation.isInSim && situation.life?.state !== 'ended' && <Notice kind="good" title={texts.already} />}
                {situation.life === undefined && <Notice title={t.life.nothing} />}
                <LinkButton kind="text" href="#/life">
                  {t.life.toProcedures}
                </LinkButton>
              </>
            )}
          </Screen>
        )
      }}
    </AskedSituation>
  )
}
