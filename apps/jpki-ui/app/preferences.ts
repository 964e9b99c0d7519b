/** How the person wants to see the app: language, light or dark, size of the type. Kept in the page, so that the first picture is right already. */
import { useSyncExternalStore } from 'react'

const choices = {
  language: ['ja', 'en'],
  look: ['system', 'light', 'dark'],
  size: ['normal', 'large', 'largest'],
} as const
export type Preference = keyof typeof choices
export type Preferences = { readonly [K in Preference]: (typeof choices)[K][number] }

const names: readonly Preference[] = ['language', 'look', 'size']
const kept = (name: string): string | null => {
  try {
    return localStorage.getItem(name)
  } catch {
    // A window that may keep nothing.
    return null
  }
}

/** The language of the pages around the app, where they share one by a cookie, holds until the person chooses another in the app. */
const shared = (name: Preference): string | undefined =>
  name === 'language' ? /(?:^|;\s*)lang=(\w+)/.exec(document.cookie)?.[1] : undefined

/** The first choice is the default. */
function chosen<const T extends string>(name: Preference, all: readonly [T, ...T[]]): T {
  const [first] = all
  const wished = kept(name) ?? shared(name)
  return all.find((choice) => choice === wished) ?? first
}

const all = (): Preferences => ({
  language: chosen('language', choices.language),
  look: chosen('look', choices.look),
  size: chosen('size', choices.size),
})

let preferences = all()
const watchers = new Set<() => void>()

function show({ language, look, size }: Preferences): void {
  const { documentElement: page } = document
  page.lang = language
  page.dataset['look'] = look
  page.dataset['size'] = size
}

function take(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change }
  show(preferences)
  for (const watcher of watchers) watcher()
}

export function choose(change: Partial<Preferences>): void {
  take(change)
  for (const [name, choice] of Object.entries(change))
    try {
      localStorage.setItem(name, choice)
    } catch {
      // It holds until the window is closed.
    }
}

const subscribe = (changed: () => void): (() => void) => {
  watchers.add(changed)
  return () => watchers.delete(changed)
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => preferences)

/** Before the first picture; a choice made in another window holds here too. */
export function beginWithPreferences(): void {
  show(preferences)
  addEventListener('storage', ({ key }) => {
    if (names.some((name) => name === key)) take(all())
  })
}
