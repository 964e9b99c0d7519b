/** Where the access code goes, and the password that the phone will ask for. */
import { Button, Field, flawOfPassword, isMail, Notice } from '@mobile-jpki/jpki-ui/kit'
import { type FormEvent, useState } from 'react'
import type { Draft } from '../../domain/applying.ts'
import { useTexts } from '../../texts/index.ts'

interface ContactStepProps {
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
  readonly onBack: () => void
  readonly onNext: (password: string) => void
}

export function ContactStep({ draft, change, onBack, onNext }: ContactStepProps) {
  const { t, shared } = useTexts()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [consent, agree] = useState(false)
  const [tried, tryIt] = useState(false)
  const words = shared.apply.problem
  const flaw = flawOfPassword(password)
  const problems = {
    mail: isMail(draft.mail.trim()) ? undefined : words.mail,
    password: flaw && words[flaw],
    again: again === password ? undefined : words.passwordAgain,
    consent: consent ? undefined : words.consent,
  }
  const shown: Partial<typeof problems> = tried ? problems : {}
  const submit = (event: FormEvent) => {
    event.preventDefault()
    tryIt(true)
    if (Object.values(problems).every((problem) => problem === undefined)) onNext(password)
  }
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-6">
      <div role="status">
        <Notice kind="good" title={t.apply.eligible} />
      </div>
      <Field
        label={t.apply.mail}
        hint={t.apply.mailHint}
        problem={shown.mail}
        name="mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        value={draft.mail}
        onValue={(mail) => change({ mail })}
      />
      <Field
        secret
        label={t.apply.password}
        hint={t.apply.passwordHint}
        problem={shown.password}
        name="password"
        autoComplete="new-password"
        maxLength={128}
        value={password}
        onValue={setPassword}
      />
      <Field
        secret
        label={t.apply.passwordAgain}
        problem={shown.again}
        name="passwordAgain"
        autoComplete="new-password"
        maxLength={128}
        value={again}
        onValue={setAgain}
      />
      <div className="flex flex-col gap-1.5">
        <label className="flex gap-3 py-2">
          <input
            type="checkbox"
            name="consent"
            checked={consent}
            aria-invalid={shown.consent !== undefined}
            aria-describedby={shown.consent === undefined ? undefined : 'consent-problem'}
            onChange={(event) => agree(event.target.checked)}
            className="mt-0.5 size-6 shrink-0 accent-key"
          />
          <span>{t.apply.consent}</span>
        </label>
        {shown.consent !== undefined && (
          <p id="consent-problem" role="alert" className="text-[0.875rem] text-bad">
            {shown.consent}
          </p>
        )}
      </div>
      <div className="flex flex-col gap-3">
        <Button type="submit">{t.apply.next}</Button>
        <Button kind="text" onClick={onBack}>
          {t.apply.back}
        </Button>
      </div>
    </form>
  )
}
