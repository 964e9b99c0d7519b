/** ⑫ to ⑱: the code and the password, then the download itself; an unfinished one goes on without them. */
import { useLayoutEffect, useRef, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import {
  type AccessCodeFlaw,
  begin,
  caretBehind,
  flawOfAccessCode,
  groupedAccessCode,
  unfinished,
} from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Field } from '../../look/field.tsx'
import { Icon } from '../../look/icons.tsx'
import { RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import type { Texts } from '../../texts/index.ts'
import { DownloadProgress } from './download-progress.tsx'

export function DownloadScreen() {
  const { t, device } = useSurroundings()
  const [accessCode, setAccessCode] = useState('')
  const [password, setPassword] = useState('')
  const [before] = useKnown(() => unfinished(device))
  const [beginning, start] = useWork(async () => {
    const begun = await begin(device, { accessCode, password })
    setPassword('')
    setAccessCode('')
    return begun
  })
  const begun = beginning.state === 'done' ? beginning.value : before.state === 'known' ? before.value : undefined
  if (begun !== undefined) return <DownloadProgress begun={begun} />
  return (
    <Screen title={t.download.title}>
      {before.state === 'asking' ? (
        <Waiting />
      ) : (
        <CodeForm
          accessCode={accessCode}
          onAccessCode={setAccessCode}
          password={password}
          onPassword={setPassword}
          busy={beginning.state === 'working'}
          onBegin={start}
        >
          {beginning.state === 'refused' && <RefusalNotice refusal={beginning.refusal} />}
        </CodeForm>
      )}
    </Screen>
  )
}

interface CodeFormProps {
  readonly accessCode: string
  readonly onAccessCode: (accessCode: string) => void
  readonly password: string
  readonly onPassword: (password: string) => void
  readonly busy: boolean
  readonly onBegin: () => void
  readonly children: React.ReactNode
}

function CodeForm({ accessCode, onAccessCode, password, onPassword, busy, onBegin, children }: CodeFormProps) {
  const { t } = useSurroundings()
  const [asked, ask] = useState(false)
  const flaw = flawOfAccessCode(accessCode)
  // A slip of the finger is told at once, a code that is not finished only when it is sent.
  const shown = flaw !== undefined && (asked || flaw.flaw === 'mistyped' || flaw.flaw === 'character')
  const passwordFlaw = asked && password.length < 8 ? t.download.problem.password : undefined
  const [input, onCode] = useGroupedInput(accessCode, onAccessCode)
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        ask(true)
        const [code, secret] = event.currentTarget.querySelectorAll('input')
        if (flaw !== undefined) code?.focus()
        else if (password.length < 8) secret?.focus()
        else onBegin()
      }}
    >
      <p>{t.download.text}</p>
      <Field
        ref={input}
        mono
        label={t.download.accessCode}
        hint={t.download.accessCodeHint}
        problem={shown ? sentenceOf(flaw, t.download.problem) : undefined}
        name="accessCode"
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="XXXX-XXXX-XXXX-XXXX-X"
        value={accessCode}
        onValue={onCode}
        below={
          flaw === undefined && (
            <p role="status" className="flex items-center gap-1 text-[0.875rem] text-good">
              <Icon name="check" className="size-5" />
              {t.download.codeRight}
            </p>
          )
        }
      />
      <Field
        secret
        label={t.download.password}
        problem={passwordFlaw}
        name="password"
        autoComplete="current-password"
        maxLength={128}
        value={password}
        onValue={onPassword}
      />
      {children}
      <Button type="submit" busy={busy && t.download.beginning}>
        {t.download.begin}
      </Button>
    </form>
  )
}

const sentenceOf = (flaw: AccessCodeFlaw, problem: Texts['download']['problem']): string =>
  flaw.flaw === 'short' ? problem.short(flaw.left) : problem[flaw.flaw]

/** Grouping moves the text under the caret: it is put back behind the character that was typed. */
function useGroupedInput(value: string, onValue: (value: string) => void) {
  const input = useRef<HTMLInputElement>(null)
  const caret = useRef<number>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the text
  useLayoutEffect(() => {
    if (caret.current !== undefined && document.activeElement === input.current)
      input.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  }, [value])
  const onTyped = (typed: string, { selectionStart }: HTMLInputElement) => {
    caret.current = caretBehind(typed.slice(0, selectionStart ?? typed.length))
    onValue(groupedAccessCode(typed))
  }
  return [input, onTyped] as const
}
