/** Counters against replay, and the status codes of a response packet. ETSI TS 102 225 §5.1.4, §5.2 table 5; 3GPP TS 31.115 §7. */
import type { CounterRule } from './security.ts'

/** Response status codes. */
export const responseStatuses = {
  ok: 0x00,
  integrityFailed: 0x01,
  counterLow: 0x02,
  counterHigh: 0x03,
  counterBlocked: 0x04,
  cipheringError: 0x05,
  unidentifiedSecurityError: 0x06,
  insufficientMemory: 0x07,
  moreTime: 0x08,
  tarUnknown: 0x09,
  insufficientSecurityLevel: 0x0a,
  actualResponseBySubmit: 0x0b,
  actualResponseByUssd: 0x0c,
} as const
export type ResponseStatus = keyof typeof responseStatuses

const sentences: Readonly<Record<ResponseStatus, string>> = {
  ok: 'Done.',
  integrityFailed: 'The check over the packet failed.',
  counterLow: 'The counter is too low: the packet is old, or was sent before.',
  counterHigh: 'The counter is too high: a packet before this one is missing.',
  counterBlocked: 'The counter has come to its end; the keys must be replaced.',
  cipheringError: 'The packet does not decipher.',
  unidentifiedSecurityError: 'A security error that has no code of its own.',
  insufficientMemory: 'There is not enough memory for the packet.',
  moreTime: 'More time is needed; ask again later.',
  tarUnknown: 'There is no application with this TAR.',
  insufficientSecurityLevel: 'The packet is less secured than the application demands.',
  actualResponseBySubmit: 'Done; the response comes in a message of its own.',
  actualResponseByUssd: 'Done; the response comes by USSD.',
}
export const describeResponseStatus = (status: ResponseStatus): string => sentences[status]

/** Where a received counter stands to the last one that was accepted. */
export type CounterPosition = 'lower' | 'same' | 'next' | 'further'

/** §5.1.4 as a table: rule × position → status. */
export const counterTable: Readonly<Record<CounterRule, Readonly<Record<CounterPosition, ResponseStatus>>>> = {
  none: { lower: 'ok', same: 'ok', next: 'ok', further: 'ok' },
  available: { lower: 'ok', same: 'ok', next: 'ok', further: 'ok' },
  higher: { lower: 'counterLow', same: 'counterLow', next: 'ok', further: 'ok' },
  oneHigher: { lower: 'counterLow', same: 'counterLow', next: 'ok', further: 'counterHigh' },
}

/** Five octets of ones: after it no higher counter exists. */
export const lastCounter = 2 ** 40 - 1

export const counterPosition = (received: number, last: number): CounterPosition =>
  received < last ? 'lower' : received === last ? 'same' : received === last + 1 ? 'next' : 'further'

/**
 * Judges the counter of a packet whose integrity holds; `counter` is what the receiver keeps. Only the rules that compare move it.
 * Without a check over the packet anybody could move it, hence such a packet is judged and does not.
 */
export function judgeCounter(
  rule: CounterRule,
  received: number,
  last: number,
  authentic: boolean,
): { readonly status: ResponseStatus; readonly counter: number } {
  const compares = rule === 'higher' || rule === 'oneHigher'
  if (compares && last >= lastCounter) return { status: 'counterBlocked', counter: last }
  const status = counterTable[rule][counterPosition(received, last)]
  return { status, counter: compares && authentic && status === 'ok' ? received : last }
}
