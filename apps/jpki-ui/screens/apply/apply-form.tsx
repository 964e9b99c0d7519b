/** The first part of the application: looked through, filled in, agreed to. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { type Applicant, type describe, flawOfPassword, isMail, strengthOf } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Choices } from '../../look/choices.tsx'
import { Facts } from '../../look/facts.tsx'
import { Field } from '../../look/field.tsx'
import type { Texts } from '../../texts/index.ts'

export interface Answers {
  readonly mail: string
  readonly password: string
  readonly passwordAgain: string
  readonly keyGeneration: KeyMode
  readonly consent: boolean
}

type KeyMode = NonNullable<Applicant['keyGeneration']>

export const empty: Answers = { mail: '', password: '', passwordAgain: '', keyGeneration: 'central', consent: false }

interface ApplyFormProps {
  readonly phone: Awaited<ReturnType<typeof describe>>
  /** Where the key can be made; with one way, or none known, nobody is asked. */
  readonly keyModes: readonly KeyMode[]
  readonly answers: Answers
  readonly onAnswers: (answers: Answers) => void
  readonly onNext: () => void
}

function problemsOf({ mail, password, passwordAgain, consent }: Answers, { problem }: Texts['apply']) {
  const flaw = flawOfPassword(password)
  return {
    ...(!isMail(mail.trim()) && { mail: problem.mail }),
    ...(flaw !== undefined && { password: problem[flaw] }),
    ...(password !== passwordAgain && { passwordAgain: problem.passwordAgain }),
    ...(!consent && { consent: problem.consent }),
  }
}

export function ApplyForm({ phone, keyModes, answers, onAnswers, onNext }: ApplyFormProps) {
  const { t } = useSurroundings()
  const [asked, ask] = useState(false)
  const problems: Partial<Record<keyof Answers, string>> = asked ? problemsOf(answers, t.apply) : {}
  const set = (change: Partial<Answers>) => onAnswers({ ...answers, ...change })
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        ask(true)
        const [wrong] = Object.keys(problemsOf(answers, t.apply))
        if (wrong === undefined) return onNext()
        event.currentTarget.querySelector<HTMLInputElement>(`[name="${wrong}"]`)?.focus()
      }}
    >
      <Field
        label={t.apply.mail}
        hint={t.apply.mailHint}
        problem={problems.mail}
        name="mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        value={answers.mail}
        onValue={(mail) => set({ mail })}
      />
      <Field
        secret
        label={t.apply.password}
        hint={t.apply.passwordHint}
        problem={problems.password}
        name="password"
        autoComplete="new-password"
        maxLength={128}
        value={answers.password}
        onValue={(password) => set({ password })}
        below={answers.password !== '' && <StrengthMeter password={answers.password} />}
      />
      <Field
        secret
        label={t.apply.passwordAgain}
        problem={problems.passwordAgain}
        name="passwordAgain"
        autoComplete="new-password"
        maxLength={128}
        value={answers.passwordAgain}
        onValue={(passwordAgain) => set({ passwordAgain })}
      />
      <p className="text-[0.875rem] text-soft">{t.apply.passwordsNotKept}</p>
      {keyModes.length > 1 && (
        <Choices
          label={t.apply.key}
          choices={keyModes.map((value) => ({ value, ...t.apply.keys[value] }))}
          value={answers.keyGeneration}
          onValue={(keyGeneration) => set({ keyGeneration })}
        />
      )}
      <section className="flex flex-col gap-3">
        <h2 className="text-[1.25rem] font-bold">{t.apply.sent}</h2>
        <p>{t.apply.sentText}</p>
        <Facts
          facts={[
            { name: t.apply.carrier, value: phone.serviceProvider ?? phone.carrier },
            { name: t.apply.msisdn, value: phone.msisdn, mono: true },
            { name: t.apply.iccid, value: phone.iccid, mono: true },
            { name: t.apply.device, value: `${phone.model} (${phone.os})` },
          ]}
        />
      </section>
      <div className="flex flex-col gap-1.5">
        <label className="flex gap-3 py-2">
          <input
            type="checkbox"
            name="consent"
            checked={answers.consent}
            aria-invalid={problems.consent !== undefined}
            aria-describedby={problems.consent === undefined ? undefined : 'consent-problem'}
            onChange={(event) => set({ consent: event.target.checked })}
            className="mt-0.5 size-6 shrink-0 accent-key"
          />
          <span>{t.apply.consent}</span>
        </label>
        {problems.consent !== undefined && (
          <p id="consent-problem" role="alert" className="text-[0.875rem] text-bad">
            {problems.consent}
          </p>
        )}
      </div>
      <Button type="submit">{t.apply.next}</Button>
    </form>
  )
}

const strengths = { short: 1, weak: 2, good: 3, strong: 4 } as const

function StrengthMeter({ password }: { password: string }) {
  const { t } = useSurroundings()
  const strength = strengthOf(password)
  const enough = strengths[strength] >= strengths.good
  return (
    <div className="flex items-center gap-3" aria-live="polite">
      <span aria-hidden="true" className="flex w-28 gap-1">
        {Object.entries(strengths).map(([name, place]) => (
          <span
            key={name}
            className={`h-1.5 grow rounded-full ${
              place > strengths[strength] ? 'bg-line' : enough ? 'bg-good-strong' : 'bg-care-edge'
            }`}
          />
        ))}
      </span>
      <span className={`text-[0.875rem] ${enough ? 'text-good' : 'text-care'}`}>{t.apply.strength[strength]}</span>
    </div>
  )
}
