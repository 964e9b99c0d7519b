/** The two languages of the app. */
import { en } from './en/index.ts'
import { ja, type Texts } from './ja/index.ts'

export { ownerOf } from './help/owners.ts'
export { type Asking, explanationOf } from './refusals.ts'
export type { Texts }
export type Language = 'ja' | 'en'
export const texts: Readonly<Record<Language, Texts>> = { ja, en }
