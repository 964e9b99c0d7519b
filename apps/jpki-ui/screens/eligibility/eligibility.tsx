/** Is my phone, and the SIM in it, eligible? Part by part, with every reason. */
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { type EligibilityView, eligibility, type Found } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Icon } from '../../look/icons.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'

export function EligibilityScreen() {
  const { t, device } = useSurroundings()
  const [known, lookAgain] = useKnown(() => eligibility(device))
  return (
    <Screen title={t.eligibility.title}>
      <p>{t.eligibility.text}</p>
      {known.state === 'asking' && <Waiting text={t.eligibility.checking} />}
      {known.state === 'refused' && <RefusalNotice refusal={known.refusal} />}
      {known.state === 'known' && <View view={known.value} />}
      {known.state !== 'asking' && (
        <Button kind="outlined" onClick={lookAgain}>
          {t.eligibility.again}
        </Button>
      )}
    </Screen>
  )
}

function View({ view: { phone, eligible, parts, keyModes } }: { view: EligibilityView }) {
  const { t } = useSurroundings()
  return (
    <>
      <div role="status">
        <Notice kind={eligible ? 'good' : 'care'} title={eligible ? t.eligibility.yes : t.eligibility.no}>
          <p>{eligible ? t.eligibility.yesText : t.eligibility.noText}</p>
        </Notice>
      </div>
      <ul className="divide-y divide-line border-y border-line">
        {parts.map(({ part, met, found }) => (
          <li key={part} className="flex gap-3 py-3.5">
            <Mark met={met} />
            <div className="flex min-w-0 flex-col gap-1.5">
              <p className="font-bold">{t.eligibility.parts[part]}</p>
              <p className="text-[0.875rem] text-soft">
                {met === 'unasked' ? t.eligibility.unasked : met ? t.eligibility.met : t.eligibility.unmet}
              </p>
              {found.map((one) => (
                <Hindered key={one.hindrance} {...one} />
              ))}
            </div>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          { name: t.apply.device, value: `${phone.model} (${phone.os})` },
          { name: t.apply.carrier, value: phone.serviceProvider ?? phone.carrier },
          { name: t.apply.msisdn, value: phone.msisdn, mono: true },
          ...(phone.iccid === undefined ? [] : [{ name: t.apply.iccid, value: phone.iccid, mono: true }]),
          ...(keyModes.length === 0
            ? []
            : [{ name: t.eligibility.keys, value: keyModes.map((mode) => t.apply.keys[mode].label).join(t.comma) }]),
        ]}
      />
      {eligible && <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>}
    </>
  )
}

const marks = {
  met: { icon: 'check', colour: 'text-good' },
  unmet: { icon: 'refused', colour: 'text-bad' },
  unasked: { icon: 'information', colour: 'text-quiet' },
} as const

function Mark({ met }: { met: boolean | 'unasked' }) {
  const { icon, colour } = marks[met === 'unasked' ? 'unasked' : met ? 'met' : 'unmet']
  return <Icon name={icon} className={`mt-0.5 size-6 ${colour}`} />
}

function Hindered({ hindrance, detail }: Found) {
  const { t } = useSurroundings()
  const { text, whatToDo } = t.eligibility.hindrance[hindrance]
  return (
    <>
      <p className="text-bad">{text}</p>
      <p>{whatToDo}</p>
      {detail !== undefined && (
        <details className="text-[0.875rem] text-soft">
          <summary className="w-fit cursor-pointer underline underline-offset-4">{t.eligibility.carrierSays}</summary>
          <p lang="en" className="mt-1">
            {detail}
          </p>
        </details>
      )}
    </>
  )
}
