/** Another PIN: the present one, then the new one twice. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { certificateInSim, changePin, checkPin } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { PinPad } from '../../look/pin-pad.tsx'
import { Screen } from '../../look/screen.tsx'
import { ChoosePin } from '../secrets/choose-pin.tsx'

export function ChangePinScreen() {
  const { t, device } = useSurroundings()
  const [certificate, lookAgain] = useKnown(() => certificateInSim(device))
  /** The PIN that the SIM accepted. */
  const [present, setPresent] = useState<string>()
  const [changing, change] = useWork((wanted: string) =>
    changePin(device, present ?? '', wanted, new Date()).finally(() => setPresent(undefined)),
  )
  if (changing.state === 'done') return <Changed />
  if (present !== undefined) return <Wanted present={present} busy={changing.state === 'working'} onPin={change} />
  return (
    <Screen title={t.pinChange.title}>
      {changing.state === 'refused' && <RefusalNotice refusal={changing.refusal} />}
      {certificate.state === 'asking' && <Waiting />}
      {certificate.state === 'refused' && (
        <>
          <RefusalNotice refusal={certificate.refusal} />
          <Button kind="outlined" onClick={lookAgain}>
            {t.again}
          </Button>
        </>
      )}
      {certificate.state === 'known' &&
        (certificate.value === undefined ? (
          <>
            <Notice kind="care" title={t.pinChange.noCertificate} />
            <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>
          </>
        ) : (
          <Present onPin={setPresent} />
        ))}
    </Screen>
  )
}

function Present({ onPin }: { onPin: (pin: string) => void }) {
  const { t, device } = useSurroundings()
  const [pin, setPin] = useState('')
  const [tries, setTries] = useState(0)
  const [incomplete, setIncomplete] = useState(false)
  const [checking, check] = useWork((given: string) =>
    checkPin(device, given)
      .then(() => onPin(given))
      .finally(() => setTries((before) => before + 1)),
  )
  return (
    <form
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        setIncomplete(pin.length < 4)
        if (pin.length < 4 || checking.state === 'working') return
        check(pin)
        setPin('')
      }}
    >
      {checking.state === 'refused' ? <RefusalNotice refusal={checking.refusal} /> : <p>{t.pinChange.presentText}</p>}
      <PinPad
        key={tries}
        label={t.pinChange.present}
        pin={pin}
        onPin={setPin}
        disabled={checking.state === 'working'}
        problem={incomplete && pin.length < 4 ? t.login.pinIncomplete : undefined}
      />
      <Button type="submit" busy={checking.state === 'working' && t.loading}>
        {t.pinChange.next}
      </Button>
      <LinkButton kind="text" href="#/pin-reset">
        {t.pinChange.forgotten}
      </LinkButton>
    </form>
  )
}

function Wanted({ present, busy, onPin }: { present: string; busy: boolean; onPin: (pin: string) => void }) {
  const { t } = useSurroundings()
  const [same, setSame] = useState(0)
  return (
    <Screen title={t.pinChange.wanted}>
      {busy ? (
        <Waiting text={t.pinChange.changing} />
      ) : (
        <>
          {same > 0 && (
            <div role="alert">
              <Notice kind="bad" title={t.pinChange.same} />
            </div>
          )}
          <ChoosePin
            key={same}
            onPin={(wanted) => {
              if (wanted === present) setSame(same + 1)
              else onPin(wanted)
            }}
          />
        </>
      )}
    </Screen>
  )
}

function Changed() {
  const { t } = useSurroundings()
  return (
    <Screen title={t.pinChange.doneTitle}>
      <div role="status">
        <Notice kind="good" title={t.pinChange.doneText} />
      </div>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
