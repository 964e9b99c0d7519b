/** The link of a login entered by hand, for a phone that cannot read the QR code. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { loginIn } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Field } from '../../look/field.tsx'
import { Screen } from '../../look/screen.tsx'

export function LinkScreen() {
  const { t } = useSurroundings()
  const texts = t.login.link
  const [link, setLink] = useState('')
  const [asked, ask] = useState(false)
  const login = loginIn(link)
  return (
    <Screen title={texts.title}>
      <p>{texts.text}</p>
      <form
        noValidate
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault()
          ask(true)
          if (login === undefined) event.currentTarget.querySelector('input')?.focus()
          else location.hash = `#/login?${new URLSearchParams({ ...login })}`
        }}
      >
        <Field
          mono
          label={texts.label}
          hint={texts.hint}
          problem={asked && login === undefined ? (link.trim() === '' ? texts.empty : texts.wrong) : undefined}
          name="link"
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={link}
          onValue={setLink}
        />
        <Button type="submit">{texts.next}</Button>
      </form>
    </Screen>
  )
}
