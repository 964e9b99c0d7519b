/** What the app has to say aside: information, care, success, and refusals with code and what to do. */
import type { Refusal } from '@mobile-jpki/refusal'
import { type ReactNode, useEffect, useRef } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { type Asking, explanationOf } from '../texts/index.ts'
import { Icon } from './icons.tsx'

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
        {detail !== undefined && (
          <details className="text-[0.875rem] text-soft">
            <summary className="w-fit cursor-pointer underline underline-offset-4">{t.detail}</summary>
            <p lang="en" className="mt-1">
              {detail}
            </p>
          </details>
        )}
      </Notice>
    </div>
  )
}

export function Spinner({ className = 'size-5' }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={`inline-block shrink-0 animate-spin rounded-full border-[3px] border-current border-r-transparent ${className}`}
    />
  )
}

export function Waiting({ text }: { text?: string }) {
  const { t } = useSurroundings()
  return (
    <p role="status" className="flex items-center gap-3 text-soft">
      <Spinner className="size-6 text-key" />
      {text ?? t.loading}
    </p>
  )
}
