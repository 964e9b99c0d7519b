/** The frame of a screen: bar, heading (which takes the focus when the screen opens), content. */
import { type ReactNode, useEffect, useRef } from 'react'
import { useSurroundings } from '../app/surroundings.ts'
import { Icon } from './icons.tsx'

interface ScreenProps {
  readonly title: string
  /** Where the bar's back link leads; the home screen has none. */
  readonly back?: string
  readonly children: ReactNode
}

export function Screen({ title, back = '#/', children }: ScreenProps) {
  const { t } = useSurroundings()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} | ${t.app}`
  }, [title, t])
  useEffect(() => {
    // Unless the screen itself knows where to begin.
    const begins = document.activeElement?.closest('main') === heading.current?.closest('main')
    if (title !== '' && !begins) heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [title])
  return (
    <>
      <header className="flex min-h-14 items-center justify-between gap-2 border-b border-line px-2">
        <a href={back} className="flex min-h-11 items-center gap-0.5 rounded-8 pr-3 pl-1 text-key hover:underline">
          <Icon name="back" />
          {back === '#/' ? t.home : t.back}
        </a>
        <LanguageSwitch />
      </header>
      <main className="flex grow flex-col gap-6 px-5 pt-6 pb-10">
        <h1 ref={heading} tabIndex={-1} className="text-[1.625rem] leading-[1.4] font-bold">
          {title}
        </h1>
        {children}
      </main>
    </>
  )
}

/** Names the other language in itself, as those who look for it read it. */
export function LanguageSwitch() {
  const { language, chooseLanguage } = useSurroundings()
  const other = language === 'ja' ? 'en' : 'ja'
  return (
    <button
      type="button"
      lang={other}
      onClick={() => chooseLanguage(other)}
      className="min-h-11 shrink-0 rounded-8 px-3 text-[0.875rem] whitespace-nowrap text-soft underline underline-offset-4 hover:text-ink"
    >
      {other === 'en' ? 'English' : '日本語'}
    </button>
  )
}
