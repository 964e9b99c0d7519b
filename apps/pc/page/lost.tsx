/** The phone is lost: stopped at once by number and password, or ended for good with the card. */
import { Button, Field, Notice, RefusalNotice, useWork, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { askForLifeEvent, stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { type FormEvent, useState } from 'react'
import { flawOfMsisdn, msisdnIn } from '../domain/numbers.ts'
import { useTexts } from '../texts/index.ts'
import { Desk, Section } from './desk.tsx'
import { site } from './pc.ts'
import { Signing } from './signing.tsx'

export function Lost() {
  const { t } = useTexts()
  return (
    <Desk app={t.app} home="#/" title={t.lost.title}>
      <p>{t.lost.text}</p>
      <Stop />
      <Section title={t.lost.gone}>
        <GiveUp />
      </Section>
    </Desk>
  )
}

function Stop() {
  const { t, shared } = useTexts()
  const [msisdn, setMsisdn] = useState('')
  const [password, setPassword] = useState('')
  const [tried, tryIt] = useState(false)
  const [work, begin] = useWork(async () => {
    await call(site, stopPhone, { msisdn: msisdnIn(msisdn), password })
    setPassword('')
  })
  const flaw = flawOfMsisdn(msisdn)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    tryIt(true)
    if (flaw === undefined && password !== '') begin()
  }
  if (work.state === 'done')
    return (
      <div role="status">
        <Notice kind="good" title={t.lost.stopped}>
          <p>{t.lost.stoppedText}</p>
        </Notice>
      </div>
    )
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-6">
      <Field
        label={t.lost.msisdn}
        problem={tried && flaw !== undefined ? t.apply.problem.msisdn[flaw] : undefined}
        name="msisdn"
        type="tel"
        inputMode="tel"
        autoComplete="tel-national"
        mono
        value={msisdn}
        onValue={setMsisdn}
      />
      <Field
        secret
        label={t.lost.password}
        hint={t.lost.passwordHint}
        problem={tried && password === '' ? shared.apply.problem.passwordShort : undefined}
        name="password"
        autoComplete="current-password"
        maxLength={128}
        value={password}
        onValue={setPassword}
      />
      {work.state === 'refused' && <RefusalNotice refusal={work.refusal} />}
      <Button type="submit" busy={work.state === 'working' && t.lost.stopping}>
        {t.lost.stop}
      </Button>
    </form>
  )
}

function GiveUp() {
  const { t } = useTexts()
  const [wanted, want] = useState(false)
  const [work, begin] = useWork(async (request: Uint8Array) => {
    await call(site, askForLifeEvent, { request })
  })
  if (work.state === 'done')
    return (
      <div role="status">
        <Notice kind="good" title={t.lost.ended}>
          <p>{t.lost.endedText}</p>
        </Notice>
      </div>
    )
  return (
    <>
      <p>{t.lost.goneText}</p>
      {work.state === 'refused' && <RefusalNotice refusal={work.refusal} />}
      {work.state === 'working' && <Waiting text={t.lost.ending} />}
      {work.state !== 'working' &&
        (wanted ? (
          <Signing
            form={() => ({ type: 'mobile-jpki/give-up', version: 1, id: crypto.randomUUID() })}
            onSigned={begin}
          />
        ) : (
          <Button kind="outlined" onClick={() => want(true)}>
            {t.lost.end}
          </Button>
        ))}
    </>
  )
}
