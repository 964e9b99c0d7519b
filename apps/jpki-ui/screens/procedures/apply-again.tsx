/** Another certificate in the place of one: a new card or SIM, a renewal. The card, its sign password, and one press. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import {
  type Applied,
  applied,
  applyInPlaceOf,
  flawOfPassword,
  isMail,
  type Life,
  lastMail,
  type Situation,
} from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Field } from '../../look/field.tsx'
import { Notice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { OrderStatus } from '../apply/order-status.tsx'
import { AskedSituation } from '../life/asked-situation.tsx'
import { Concerns } from '../life/concerns.tsx'
import { chance, toProcedures } from '../life/request.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'

export function ApplyAgainScreen() {
  const { t, device } = useSurroundings()
  const texts = t.procedures.applyAgain
  const [before, lookAgain] = useKnown(() => applied(device))
  const [mail] = useKnown(() => lastMail(device))
  const [isAnew, beginAnew] = useState(false)
  if (before.state === 'asking' || mail.state === 'asking')
    return (
      <Screen title={texts.title} back="#/life">
        <Waiting />
      </Screen>
    )
  if (!isAnew && before.state === 'known' && before.value !== undefined)
    return <UnderWay application={before.value} onAnew={() => beginAnew(true)} />
  return (
    <AskedSituation title={texts.title}>
      {(situation) =>
        situation.life === undefined ? (
          <Screen title={texts.title} back="#/life">
            <Notice title={texts.nothing} />
            <LinkButton href="#/apply">{texts.apply}</LinkButton>
          </Screen>
        ) : (
          <Again
            situation={situation}
            replaced={situation.life}
            mail={mail.state === 'known' ? mail.value : undefined}
            onApplied={() => {
              beginAnew(false)
              lookAgain()
            }}
          />
        )
      }
    </AskedSituation>
  )
}

interface AgainProps {
  readonly situation: Situation
  readonly replaced: Life
  /** Where the last code went. */
  readonly mail: string | undefined
  readonly onApplied: () => void
}

function Again({ situation, replaced, mail: known, onApplied }: AgainProps) {
  const { t, device, language } = useSurroundings()
  const texts = t.procedures.applyAgain
  const [mail, setMail] = useState(known ?? '')
  const [isNew, choose] = useState(false)
  const [password, setPassword] = useState('')
  const [asked, ask] = useState(false)
  const flaw = isNew ? flawOfPassword(password) : undefined
  const [sending, send] = useWork(async (signPassword: string) => {
    const applicant = { signPassword, mail: mail.trim(), language, ...(isNew && { password }) }
    await applyInPlaceOf(device, replaced.orderId, applicant, chance)
    onApplied()
  })
  return (
    <Screen title={texts.title} back="#/life">
      <Concerns of={situation} at="#/apply-again" />
      <p>{texts.text}</p>
      <Facts
        facts={[
          { name: texts.inPlaceOf, value: replaced.serialNumber, mono: true },
          { name: t.procedures.anotherSim.thisSim, value: situation.iccid ?? t.state.noSim.label, mono: true },
        ]}
      />
      <Field
        label={t.apply.mail}
        hint={t.apply.mailHint}
        problem={asked && !isMail(mail.trim()) ? t.apply.problem.mail : undefined}
        name="mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        value={mail}
        onValue={setMail}
      />
      <fieldset className="flex flex-col gap-1">
        <legend className="font-bold">{texts.passwordQuestion}</legend>
        {[false, true].map((one) => (
          <label key={String(one)} className="flex min-h-11 items-center gap-3">
            <input
              type="radio"
              name="password-kind"
              checked={isNew === one}
              onChange={() => choose(one)}
              className="size-5 shrink-0 accent-key"
            />
            {one ? texts.passwordNew : texts.passwordSame}
          </label>
        ))}
      </fieldset>
      {isNew && (
        <Field
          secret
          label={t.apply.password}
          hint={t.apply.passwordHint}
          problem={asked && flaw !== undefined ? t.apply.problem[flaw] : undefined}
          name="password"
          autoComplete="new-password"
          maxLength={128}
          value={password}
          onValue={setPassword}
        />
      )}
      <SignWithCard
        label={texts.send}
        busy={t.life.signing}
        signing={sending}
        onSign={(signPassword) => {
          ask(true)
          if (isMail(mail.trim()) && flaw === undefined) send(signPassword)
        }}
        onBack={toProcedures}
      />
    </Screen>
  )
}

function UnderWay({ application, onAnew }: { application: Applied; onAnew: () => void }) {
  const { t } = useSurroundings()
  const texts = t.procedures.applyAgain
  return (
    <Screen title={texts.waiting} back="#/life">
      <div role="status">
        <Notice kind="good" title={texts.doneText} />
      </div>
      <section className="flex flex-col gap-3 rounded-12 border border-line p-4">
        <h2 className="font-bold">{t.homeScreen.application}</h2>
        <OrderStatus application={application} />
      </section>
      <Button kind="text" onClick={onAnew}>
        {texts.anew}
      </Button>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
