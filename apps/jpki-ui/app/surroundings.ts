/** What every screen may ask for: the phone that shows it, and the texts in the person's language. */
import { createContext, useContext } from 'react'
import { type Device, deviceAt } from '../domain/index.ts'
import { type Language, type Texts, texts } from '../texts/index.ts'

export interface Surroundings {
  readonly device: Device
  readonly language: Language
  readonly chooseLanguage: (language: Language) => void
}

export const SurroundingsContext = createContext<Surroundings>({
  device: deviceAt(location.origin),
  language: 'ja',
  chooseLanguage: () => undefined,
})

export const useSurroundings = (): Surroundings & { readonly t: Texts } => {
  const surroundings = useContext(SurroundingsContext)
  return { ...surroundings, t: texts[surroundings.language] }
}
