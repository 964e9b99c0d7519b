/** What the app has to say aside: information, care, success, and refusals with code and what to do. */
import type { Refusal } from '@mobile-jpki/refusal'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { type Asking, explanationOf } from '../texts/index.ts'
import { Answer } from './dialog.tsx'
import { Explained } from './explained.tsx'
import { Icon } from './icons.tsx'
import { Spinner } from './spinner.tsx'

export { Spinner }

const kinds = {
  information: { box: 'border-key bg-key-pale', mark: 'text-key', icon: 'information' },
  care: { box: 'border-care-edge bg-care-pale', mark: 'text-care', icon: 'warning' },
  good: { box: 'border-good bg-good-pale', mark: 'text-good', icon: 'check' },
  bad: { box: 'border-bad bg-bad-pale', mark: 'text-bad', icon: 'refused' },
} as const

interface NoticeProps {
  readonly kind?: keyof typeof kinds
  readonly title: string
  readonly children?: ReactNode
}

export function Notice({ kind = 'information', title, children }: NoticeProps) {
  const { box, mark, icon } = kinds[kind]
  return (
    <section className={`flex gap-3 rounded-12 border-2 p-4 ${box}`}>
      <Icon name={icon} className={`mt-0.5 size-6 ${mark}`} />
      <div className="flex min-w-0 flex-col gap-1.5">
        <p className="font-bold">{title}</p>
        {children}
      </div>
    </section>
  )
}

/** Read out at once, and brought into view: it answers what the person has just done. */
export function RefusalNotice({ refusal, asking }: { refusal: Refusal; asking?: Asking }) {
  const { t, language } = useSurroundings()
  const { sentence, whatToDo } = explanationOf(refusal, language, asking)
  const box = useRef<HTMLDivElement>(null)
  const [explaining, explain] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each refusal anew
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [refusal])
  const detail = refusal.message === refusal.sentence ? undefined : refusal.message
  return (
    <div role="alert" ref={box}>
      <Notice kind="bad" title={sentence}>
        {refusal.triesLeft !== undefined && <p className="font-bold text-bad">{t.triesLeft(refusal.triesLeft)}</p>}
        <p>{whatToDo}</p>
        <p className="text-[0.875rem] text-soft">
          {t.code}: <code className="font-mono">{refusal.code}</code>
          {refusal.whose !== undefined && (
            <>
              <br />
              {t.whose(refusal.whose)}
            </>
          )}
        </p>
        <button
          type="button"
          onClick={() => explain(true)}
          className="min-h-11 w-fit text-left text-[0.875rem] text-key underline underline-offset-4"
        >
          {t.help.explain}
        </button>
        {detail !== undefined && (
          <details className="text-[0.875rem] text-soft">
            <summary className="w-fit cursor-pointer underline underline-offset-4">{t.detail}</summary>
            <p lang="en" className="mt-1">
              {detail}
            </p>
          </details>
        )}
      </Notice>
      {explaining && (
        <Answer title={t.help.explain} close={t.help.close} onClose={() => explain(false)}>
          <Explained code={refusal.code} asking={asking} whose={refusal.whose} />
        </Answer>
      )}
    </div>
  )
}

export function Waiting({ text }: { text?: string | undefined }) {
  const { t } = useSurroundings()
  return (
    <p role="status" className="flex items-center gap-3 text-soft">
      <Spinner className="size-6 text-key" />
      {text ?? t.loading}
    </p>
  )
}
