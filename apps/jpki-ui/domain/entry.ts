/** What the person types, looked at before it is sent: access code (docs/protocols/access-code.md), passwords, PIN. */
import { AccessCodeError, parseAccessCode } from '@mobile-jpki/jpki'
import { z } from 'zod'

const codeLength = 17

/** Full-width letters become plain ones; hyphens and spaces of any kind go. */
const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{Dash_Punctuation}\u2212\u30FC]/gu, '')

/** As the mail prints it: groups of four, whatever has been typed so far. */
export function groupedAccessCode(typed: string): string {
  const text = bare(typed).slice(0, codeLength)
  return text.match(/.{1,4}/g)?.join('-') ?? ''
}

/** Where the caret stands in the grouped text, when it stood behind `before` in what was typed. */
export function caretBehind(before: string): number {
  const count = Math.min(bare(before).length, codeLength)
  return count === 0 ? 0 : count + Math.floor((count - 1) / 4)
}

export type AccessCodeFlaw =
  | { readonly flaw: 'empty' | 'character' | 'mistyped' }
  | { readonly flaw: 'short'; readonly left: number }

/** undefined when the check character agrees. */
export function flawOfAccessCode(typed: string): AccessCodeFlaw | undefined {
  const text = bare(typed)
  if (text === '') return { flaw: 'empty' }
  // U and the four signs stand only in the check place.
  if (!/^(?:[0-9A-TV-Z]{1,16}|[0-9A-TV-Z]{16}[0-9A-Z*~$=])$/.test(text)) return { flaw: 'character' }
  if (text.length < codeLength) return { flaw: 'short', left: codeLength - text.length }
  try {
    parseAccessCode(text)
    return undefined
  } catch (error) {
    if (error instanceof AccessCodeError) return { flaw: 'mistyped' }
    throw error
  }
}

export const isMail = (text: string): boolean => z.email().max(254).safeParse(text).success

export type PasswordFlaw = 'passwordShort' | 'passwordSimple' | 'passwordLong'

/** What SP-TSM would refuse. */
export function flawOfPassword(password: string): PasswordFlaw | undefined {
  if (password.length < 8) return 'passwordShort'
  if (password.length > 128) return 'passwordLong'
  return new Set(password).size < 4 ? 'passwordSimple' : undefined
}

export type Strength = 'short' | 'weak' | 'good' | 'strong'

export function strengthOf(password: string): Strength {
  if (password.length < 8) return 'short'
  if (new Set(password).size < 6) return 'weak'
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length
  if (password.length >= 16 || (password.length >= 12 && kinds >= 3)) return 'strong'
  return kinds >= 2 || password.length >= 12 ? 'good' : 'weak'
}

/** As SP-TSM knows it: digits alone. */
export const plainMsisdn = (typed: string): string => bare(typed).replaceAll(/[()]/g, '')
export const isMsisdn = (typed: string): boolean => /^0\d{9,10}$/.test(plainMsisdn(typed))

export const isSignPassword = (text: string): boolean => /^[A-Za-z0-9]{6,16}$/.test(text)

/** Site and login in a link to the app, whatever phone it was made for; undefined when it is none. docs/protocols/login.md. */
export function loginIn(typed: string): { readonly site: string; readonly login: string } | undefined {
  const [, query] = typed.trim().split('#/login?')
  const given = new URLSearchParams(query)
  const [site, login] = [given.get('site') ?? '', given.get('login') ?? '']
  const isOrigin = URL.canParse(site) && /^https?:$/.test(new URL(site).protocol) && new URL(site).origin === site
  return isOrigin && z.uuid().safeParse(login).success ? { site, login } : undefined
}

/** One digit repeated, digits in a row, or a pair repeated: advice only. */
export function isEasyPin(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, index) => Number(digit) - Number(pin[index]))
  const even = steps.every((step) => step === steps[0] && Math.abs(step) <= 1)
  return pin.length === 4 && (even || pin.slice(0, 2) === pin.slice(2))
}
