/** A letter's words, in the language that the applicant chose: the same in text and HTML. */
import type { Mailing } from '../domain/world.ts'
import { life as enLife } from './en/life.ts'
import { orders as enOrders } from './en/orders.ts'
import { life as jaLife } from './ja/life.ts'
import { orders as jaOrders } from './ja/orders.ts'

/** What a letter consists of. A fact is a name and its value, one that may be copied, as an access code is. */
export interface Words {
  readonly subject: string
  readonly greeting: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly paragraphs: readonly string[]
  readonly signature: string
}

type LettersOf<Kind extends Mailing['kind']> = {
  readonly [K in Kind]: (mailing: Extract<Mailing, { kind: K }>) => Words
}
type OrderKind = 'accessCode' | 'completed' | 'failed' | 'expired' | 'cancelled'
/** The words of each kind in one language. */
export type OrderLetters = LettersOf<OrderKind>
export type LifeLetters = LettersOf<Exclude<Mailing['kind'], OrderKind>>

const languages: Readonly<Record<Mailing['language'], LettersOf<Mailing['kind']>>> = {
  ja: { ...jaOrders, ...jaLife },
  en: { ...enOrders, ...enLife },
}

export const wordsOf = (mailing: Mailing): Words => {
  const words = languages[mailing.language][mailing.kind] as (one: Mailing) => Words
  return words(mailing)
}

export const textOf = ({ greeting, facts, paragraphs, signature }: Words): string =>
  [
    greeting,
    ...(facts.length === 0 ? [] : [facts.map(([name, value]) => `${name}: ${value}`).join('\n')]),
    ...paragraphs,
    `-- \n${signature}`,
  ].join('\n\n')

export const htmlOf = ({ subject, greeting, facts, paragraphs, signature }: Words, language: string): string =>
  [
    `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${escaped(subject)}</title>`,
    '<body style="font:16px/1.7 sans-serif;color:#1a1a1a;max-width:40em;margin:0 auto;padding:1em">',
    `<p>${escaped(greeting)}</p>`,
    ...(facts.length === 0 ? [] : [`<table role="presentation">${facts.map(rowOf).join('')}</table>`]),
    ...paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    `<p style="color:#666;border-top:1px solid #ccc;padding-top:1em">${escaped(signature).replaceAll('\n', '<br>')}</p>`,
    '</body></html>',
  ].join('\n')

const rowOf = ([name, value]: readonly [string, string]): string =>
  `<tr><th scope="row" style="text-align:left;padding-right:1em">${escaped(name)}</th><td><b>${escaped(value)}</b></td></tr>`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
