/** A phone is lost: stopped at once with its number and the password, from any phone. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useWork } from '../../app/work.ts'
import { isMsisdn, plainMsisdn, stopLostPhone } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Field } from '../../look/field.tsx'
import { Notice, RefusalNotice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'

export function LostScreen() {
  const { t, device } = useSurroundings()
  const texts = t.procedures.lost
  const [msisdn, setMsisdn] = useState('')
  const [password, setPassword] = useState('')
  const [asked, ask] = useState(false)
  const [stopping, stop] = useWork(() => stopLostPhone(device, plainMsisdn(msisdn), password))
  const problems = {
    ...(asked && !isMsisdn(msisdn) && { msisdn: texts.problem.msisdn }),
    ...(asked && password.length < 8 && { password: texts.problem.password }),
  }
  if (stopping.state === 'done') return <Stopped />
  return (
    <Screen title={texts.title} back="#/life">
      <p>{texts.text}</p>
      <form
        noValidate
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault()
          ask(true)
          const [number, secret] = event.currentTarget.querySelectorAll('input')
          if (!isMsisdn(msisdn)) number?.focus()
          else if (password.length < 8) secret?.focus()
          else stop()
        }}
      >
        <Field
          mono
          label={texts.msisdn}
          hint={texts.msisdnHint}
          problem={problems.msisdn}
          name="msisdn"
          type="tel"
          inputMode="tel"
          autoComplete="off"
          value={msisdn}
          onValue={setMsisdn}
        />
        <Field
          secret
          label={texts.password}
          problem={problems.password}
          name="password"
          autoComplete="off"
          maxLength={128}
          value={password}
          onValue={setPassword}
        />
        {stopping.state === 'refused' && <RefusalNotice refusal={stopping.refusal} asking="stop" />}
        <Button type="submit" busy={stopping.state === 'working' && texts.stopping}>
          {texts.stop}
        </Button>
      </form>
      <Notice title={texts.forgotten}>
        <p>{texts.forgottenText}</p>
      </Notice>
      <LinkButton kind="outlined" href="#/give-up">
        {texts.toGiveUp}
      </LinkButton>
    </Screen>
  )
}

function Stopped() {
  const { t } = useSurroundings()
  const texts = t.procedures.lost
  return (
    <Screen title={texts.doneTitle} back="#/life">
      <div role="status">
        <Notice kind="good" title={texts.doneText} />
      </div>
      <h2 className="text-[1.25rem] font-bold">{texts.next}</h2>
      <section className="flex flex-col gap-3">
        <h3 className="font-bold">{texts.ifFound}</h3>
        <p>{texts.ifFoundText}</p>
        <LinkButton kind="outlined" href="#/found">
          {texts.toFound}
        </LinkButton>
      </section>
      <section className="flex flex-col gap-3">
        <h3 className="font-bold">{texts.ifNot}</h3>
        <p>{texts.ifNotText}</p>
        <LinkButton kind="outlined" href="#/give-up">
          {texts.toGiveUp}
        </LinkButton>
      </section>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
