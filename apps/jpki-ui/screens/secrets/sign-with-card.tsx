/** The My Number card at the phone, and its sign password: for the application, and for every request that is signed later. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, type Work } from '../../app/work.ts'
import { describe, isSignPassword } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Field } from '../../look/field.tsx'
import { TapPicture } from '../../look/icons.tsx'
import { RefusalNotice } from '../../look/notice.tsx'

interface SignWithCardProps {
  /** What the button says: what is signed for. */
  readonly label: string
  /** What it says while it works. */
  readonly busy: string
  readonly signing: Work<unknown>
  /** Called with a password of the right form. It is kept in the field until `signing` is done, and nowhere else. */
  readonly onSign: (signPassword: string) => void
  readonly onBack: () => void
}

const everyMilliseconds = 1000

export function SignWithCard({ label, busy, signing, onSign, onBack }: SignWithCardProps) {
  const { t, device } = useSurroundings()
  const [signPassword, setSignPassword] = useState('')
  const [asked, ask] = useState(false)
  const [phone] = useKnown(() => describe(device), everyMilliseconds)
  const present = phone.state === 'known' && phone.value.readers.some(({ name, present }) => name === 'NFC' && present)
  const problem = asked && !isSignPassword(signPassword) ? t.apply.problem.signPassword : undefined
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        ask(true)
        if (isSignPassword(signPassword)) onSign(signPassword)
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
        onValue={(typed) => setSignPassword(typed.normalize('NFKC').toUpperCase())}
      />
      {signing.state === 'refused' && <RefusalNotice refusal={signing.refusal} asking="signPassword" />}
      <Button type="submit" busy={signing.state === 'working' && busy}>
        {label}
      </Button>
      {signing.state !== 'working' && (
        <Button kind="text" onClick={onBack}>
          {t.back}
        </Button>
      )}
    </form>
  )
}
