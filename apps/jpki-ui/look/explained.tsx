/** What a code means, what to do, and whose it is. */
import { type ActorName, actors, type RefusalCode } from '@mobile-jpki/refusal'
import type { ReactNode } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { type Asking, explanationOf, ownerOf } from '../texts/index.ts'

interface ExplainedProps {
  readonly code: RefusalCode
  readonly asking?: Asking | undefined
  /** The actor that the refusal itself named. */
  readonly whose?: ActorName | undefined
}

export function Explained({ code, asking, whose }: ExplainedProps) {
  const { t, language } = useSurroundings()
  const { sentence, whatToDo } = explanationOf({ code }, language, asking)
  const owner = t.help.owners[ownerOf(code)]
  return (
    <dl className="flex flex-col gap-4">
      <Part name={t.help.meaning}>
        <p className="font-bold">{sentence}</p>
      </Part>
      <Part name={t.help.whatToDo}>
        <p>{whatToDo}</p>
      </Part>
      <Part name={t.help.whose}>
        <p className="font-bold">{owner.name}</p>
        <p>{owner.text}</p>
        {whose !== undefined && <p className="text-[0.875rem] text-soft">{actors[whose][language]}</p>}
      </Part>
      <Part name={t.code}>
        <code className="font-mono wrap-anywhere">{code}</code>
      </Part>
    </dl>
  )
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-[0.875rem] text-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
