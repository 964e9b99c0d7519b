/** How an application stands: the latest one of this PC, or one whose number is entered. */
import { Button, Field, Notice } from '@mobile-jpki/jpki-ui/kit'
import { type FormEvent, useState } from 'react'
import { z } from 'zod'
import { latest } from '../../domain/applying.ts'
import { useTexts } from '../../texts/index.ts'
import { Desk, Section } from '../desk.tsx'
import { Standing } from './standing.tsx'

export function State() {
  const { t } = useTexts()
  const made = latest()
  const [asked, ask] = useState<string>()
  const [typed, type] = useState('')
  const [tried, tryIt] = useState(false)
  const isOne = z.uuid().safeParse(typed.trim()).success
  const submit = (event: FormEvent) => {
    event.preventDefault()
    tryIt(true)
    if (isOne) ask(typed.trim().toLowerCase())
  }
  const shown = asked ?? made?.orderId
  return (
    <Desk app={t.app} home="#/" title={t.state.title}>
      {shown === undefined && (
        <Notice title={t.state.none}>
          <p>{t.state.noneText}</p>
        </Notice>
      )}
      {shown !== undefined && <Standing key={shown} orderId={shown} {...(shown === made?.orderId && { made })} />}
      <Section title={shown === undefined ? t.state.show : t.state.other}>
        <form noValidate onSubmit={submit} className="flex flex-col gap-4">
          <Field
            label={t.state.orderId}
            hint={t.state.orderIdHint}
            problem={tried && !isOne ? t.state.orderIdProblem : undefined}
            name="orderId"
            autoComplete="off"
            mono
            value={typed}
            onValue={type}
          />
          <Button type="submit" kind="outlined">
            {t.state.show}
          </Button>
        </form>
      </Section>
    </Desk>
  )
}
