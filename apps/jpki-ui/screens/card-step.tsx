/** The second part of the application: the My Number card at the phone, and its sign password. */
import { useState } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import type { Work } from '../app/work.ts'
import { isSignPassword } from '../domain/index.ts'
import { Button } from '../look/button.tsx'
import { Field } from '../look/field.tsx'
import { TapPicture } from '../look/icons.tsx'
import { RefusalNotice } from '../look/notice.tsx'

interface CardStepProps {
  readonly present: boolean
  readonly signPassword: string
  readonly onSignPassword: (signPassword: string) => void
  readonly sending: Work<unknown>
  readonly onSend: () => void
  readonly onBack: () => void
}

export function CardStep({ present, signPassword, onSignPassword, sending, onSend, onBack }: CardStepProps) {
  const { t } = useSurroundings()
  const [asked, ask] = useState(false)
  const problem = asked && !isSignPassword(signPassword) ? t.apply.problem.signPassword : undefined
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        ask(true)
        if (isSignPassword(signPassword)) onSend()
        else event.currentTarget.querySelector('input')?.focus()
      }}
    >
      <div className="flex flex-col gap-4 rounded-12 bg-ground p-5">
        <TapPicture found={present} />
        <p role="status" className={`text-center font-bold ${present ? 'text-good' : 'text-bad'}`}>
          {present ? t.apply.cardFound : t.apply.cardMissing}
        </p>
        <p>{t.apply.holdText}</p>
      </div>
      <Field
        secret
        mono
        label={t.apply.signPassword}
        hint={t.apply.signPasswordHint}
        problem={problem}
        name="signPassword"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={16}
        value={signPassword}
        onValue={(typed) => onSignPassword(typed.normalize('NFKC').toUpperCase())}
      />
      {sending.state === 'refused' && <RefusalNotice refusal={sending.refusal} asking="signPassword" />}
      <Button type="submit" busy={sending.state === 'working' && t.apply.sending}>
        {t.apply.send}
      </Button>
      {sending.state !== 'working' && (
        <Button kind="text" onClick={onBack}>
          {t.back}
        </Button>
      )}
    </form>
  )
}
