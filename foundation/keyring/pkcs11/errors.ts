/** What a module answers, as a refusal. PKCS#11 v2.40 §5.1. */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

/** By the name that the standard gives it; what stands in no line is a failure of the token. */
const refusalOf: Readonly<Record<string, RefusalCode>> = {
  CKR_DEVICE_MEMORY: 'token.full',
  CKR_DEVICE_REMOVED: 'token.absent',
  CKR_MECHANISM_INVALID: 'not-supported',
  CKR_PIN_EXPIRED: 'token.pin-blocked',
  CKR_PIN_INCORRECT: 'token.pin-wrong',
  CKR_PIN_INVALID: 'token.pin-wrong',
  CKR_PIN_LEN_RANGE: 'token.pin-wrong',
  CKR_PIN_LOCKED: 'token.pin-blocked',
  CKR_SLOT_ID_INVALID: 'token.absent',
  CKR_TOKEN_NOT_PRESENT: 'token.absent',
  CKR_TOKEN_NOT_RECOGNIZED: 'token.absent',
}

/** The connection is gone, and with it every handle: what was asked may be asked again over a new one. */
const lost: ReadonlySet<string> = new Set([
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  'CKR_DEVICE_ERROR',
  'CKR_DEVICE_REMOVED',
  'CKR_KEY_HANDLE_INVALID',
  'CKR_OBJECT_HANDLE_INVALID',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SLOT_ID_INVALID',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_USER_NOT_LOGGED_IN',
])

/** pkcs11js puts the name into the message. */
export const returnValueOf = (error: unknown): string | undefined =>
  error instanceof Error && error.name === 'Pkcs11Error' ? /CKR_\w+/.exec(error.message)?.[0] : undefined

export const isLost = (error: unknown): boolean => lost.has(returnValueOf(error) ?? '')

/** `doing` is what was tried, of which token. No PIN is in what a module says. */
export function asRefusal(error: unknown, doing: string): unknown {
  const value = returnValueOf(error)
  if (value === undefined) return error
  return new Refusal(refusalOf[value] ?? 'token.failed', `${doing}: ${value}.`, { cause: error })
}
