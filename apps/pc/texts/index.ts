/** The two languages of the pages on a PC: their own words, and those that they share with the app. */
import { appTexts, type Language, usePreferences } from '@mobile-jpki/jpki-ui/kit'
import { en } from './en.ts'
import { ja, type PcTexts } from './ja.ts'

export const pcTexts: Readonly<Record<Language, PcTexts>> = { ja, en }

export function useTexts() {
  const { language } = usePreferences()
  return { language, t: pcTexts[language], shared: appTexts[language] }
}
