/** The frame of a page on a PC: name, language, heading (which takes the focus when the screen opens), content. */
import { LanguageSwitch } from '@mobile-jpki/jpki-ui/kit'
import { type ReactNode, useEffect, useRef } from 'react'

interface DeskProps {
  readonly app: string
  readonly title: string
  /** Where the name leads; nowhere if not said. */
  readonly home?: string
  readonly children: ReactNode
}

export function Desk({ app, title, home, children }: DeskProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} | ${app}`
  }, [title, app])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each screen anew
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [title])
  return (
    <div className="desk">
      <header className="flex min-h-14 flex-wrap items-center justify-between gap-x-4 border-b border-line px-5 py-1">
        {home === undefined ? (
          <p className="font-bold">{app}</p>
        ) : (
          <a href={home} className="flex min-h-11 items-center font-bold text-key hover:underline">
            {app}
          </a>
        )}
        <LanguageSwitch />
      </header>
      <main className="flex grow flex-col gap-6 px-5 pt-6 pb-10 sm:px-10">
        <h1 ref={heading} tabIndex={-1} className="text-[1.75rem] leading-[1.4] font-bold">
          {title}
        </h1>
        {children}
      </main>
    </div>
  )
}

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 border-t border-line pt-6">
      <h2 className="text-[1.25rem] font-bold">{title}</h2>
      {children}
    </section>
  )
}
