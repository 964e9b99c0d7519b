/** Help: every code has its page, found by code or by word. */
import { isRefusalCode, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { Button } from '../../look/button.tsx'
import { Field } from '../../look/field.tsx'
import { Icon } from '../../look/icons.tsx'
import { Screen } from '../../look/screen.tsx'
import { explanationOf } from '../../texts/index.ts'

const codes = Object.keys(refusals).filter(isRefusalCode)

const often: readonly RefusalCode[] = [
  'pin.wrong',
  'pin.blocked',
  'code.wrong',
  'password.wrong',
  'card.absent',
  'peer.unreachable',
  'device.not-the-bound-one',
]

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().trim()

export function HelpScreen() {
  const { t, language } = useSurroundings()
  const [word, setWord] = useState('')
  const [all, showAll] = useState(false)
  const wanted = plain(word)
  const found = codes.filter((code) => {
    const { sentence, whatToDo } = explanationOf({ code }, language)
    return [code, sentence, whatToDo].some((text) => plain(text).includes(wanted))
  })
  return (
    <Screen title={t.help.title}>
      <p>{t.help.text}</p>
      <Field
        optional
        label={t.help.find}
        hint={t.help.findHint}
        type="search"
        name="word"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={word}
        onValue={setWord}
        below={
          <p role="status" className="text-[0.875rem] text-soft">
            {wanted !== '' && (found.length === 0 ? t.help.nothing : t.help.found(found.length))}
          </p>
        }
      />
      {wanted === '' && <Codes title={t.help.often} codes={often} />}
      {found.length > 0 && (all || wanted !== '') && <Codes title={t.help.all} codes={found} />}
      {!all && wanted === '' && (
        <Button kind="outlined" onClick={() => showAll(true)}>
          {t.help.showAll(codes.length)}
        </Button>
      )}
    </Screen>
  )
}

function Codes({ title, codes }: { title: string; codes: readonly RefusalCode[] }) {
  const { language } = useSurroundings()
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-[1.25rem] font-bold">{title}</h2>
      <ul className="divide-y divide-line border-y border-line">
        {codes.map((code) => (
          <li key={code}>
            <a href={`#/help?code=${code}`} className="flex min-h-14 items-center gap-3 py-3 hover:bg-key-pale">
              <span className="min-w-0 grow">
                <span className="block">{explanationOf({ code }, language).sentence}</span>
                <code className="block font-mono text-[0.875rem] wrap-anywhere text-soft">{code}</code>
              </span>
              <Icon name="next" className="size-5 text-quiet" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
