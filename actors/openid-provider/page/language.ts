/** Which of its two languages a page speaks: what the service asks (`ui_locales`), else what the browser prefers (RFC 9110 §12.5.4), else Japanese. */
export const languages = ['ja', 'en'] as const
export type Language = (typeof languages)[number]

const among = (tags: readonly string[]): Language | undefined => {
  for (const tag of tags) {
    const [primary = ''] = tag.trim().toLowerCase().split('-')
    if (primary === 'ja' || primary === 'en') return primary
  }
  return undefined
}

const qualityOf = (entry: string): number => Number(/;\s*q=([0-9.]+)/.exec(entry)?.[1] ?? 1)

export const languageOf = (uiLocales: unknown, acceptLanguage = ''): Language => {
  const asked = typeof uiLocales === 'string' ? among(uiLocales.split(' ')) : undefined
  const preferred = acceptLanguage
    .split(',')
    .toSorted((one, other) => qualityOf(other) - qualityOf(one))
    .map((entry) => entry.split(';')[0] ?? '')
  return asked ?? among(preferred) ?? 'ja'
}
