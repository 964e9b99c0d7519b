/** Japanese first, English by a switch; both stand side by side where they are said. */
export type Language = 'ja' | 'en'
export type Say = (ja: string, en: string) => string

export const speakerOf =
  (language: Language): Say =>
  (ja, en) =>
    ({ ja, en })[language]

const locales = { ja: 'ja-JP', en: 'en-GB' } as const

export const yen = (amount: number, language: Language): string =>
  language === 'ja' ? `${amount.toLocaleString('ja-JP')}円` : `¥${amount.toLocaleString('en-GB')}`

/** A moment, or a date as `2026-04-01`, as the person reads it in Japan. */
export const dateIn = (date: Date | string, language: Language): string =>
  new Date(date).toLocaleDateString(locales[language], {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  })

export const timeIn = (at: Date | string, language: Language): string =>
  new Date(at).toLocaleString(locales[language], { timeZone: 'Asia/Tokyo', dateStyle: 'medium', timeStyle: 'short' })

export const timeOfDay = (at: Date | string, language: Language): string =>
  new Date(at).toLocaleTimeString(locales[language], { timeZone: 'Asia/Tokyo', timeStyle: 'short' })
