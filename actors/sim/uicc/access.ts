/**
 * Who may read and update a file. A file refers to a record of EF.ARR, which holds the rule in the expanded format; PIN1 is
 * the only reference data of this card, and disabled. ETSI TS 102 221 §9.2.4, §9.5, §11.1.9.
 */
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import { concat, writeTlv } from '@mobile-jpki/tlv'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer } from '../domain/state.ts'

type Condition = 'always' | 'pin1' | 'never'

interface AccessRule {
  /** Number of the record in EF.ARR. */
  readonly record: number
  readonly read: Condition
  readonly update: Condition
}

export const accessRules = {
  open: { record: 1, read: 'always', update: 'never' },
  setting: { record: 2, read: 'always', update: 'pin1' },
  subscriber: { record: 3, read: 'pin1', update: 'never' },
  network: { record: 4, read: 'pin1', update: 'pin1' },
} as const satisfies Record<string, AccessRule>
export type AccessRuleName = keyof typeof accessRules

/** Key reference of PIN1, TS 102 221 table 9.3. */
const pin1 = 0x01

/** Security condition data objects, ISO/IEC 7816-4 §9.3.3: always, user authentication by PIN1, never. */
const conditions: Readonly<Record<Condition, Uint8Array>> = {
  always: writeTlv(0x90, new Uint8Array()),
  pin1: writeTlv(0xa4, concat(writeTlv(0x83, Uint8Array.of(pin1)), writeTlv(0x95, Uint8Array.of(0x08)))),
  never: writeTlv(0x97, new Uint8Array()),
}

/** Access mode data objects of an EF: READ is b1, UPDATE is b2. */
const accessMode = (bits: number) => writeTlv(0x80, Uint8Array.of(bits))

export const accessRuleRecords: readonly Uint8Array[] = Object.values(accessRules)
  .toSorted((one, other) => one.record - other.record)
  .map(({ read, update }) => concat(accessMode(0x01), conditions[read], accessMode(0x02), conditions[update]))

/** A disabled PIN counts as verified: TS 102 221 §9.5.1. */
export function needAccess(rule: AccessRuleName, action: 'read' | 'update'): void {
  if (accessRules[rule][action] === 'never') throw new CardRefusal('file.access')
}

/** PS_DO: the bit of the one PIN says "disabled"; then its key reference. TS 102 221 §9.5.2. */
export const pinStatus = concat(writeTlv(0x90, Uint8Array.of(0x00)), writeTlv(0x83, Uint8Array.of(pin1)))

const triesLeft = 0x63c3

/** VERIFY PIN. Without data it asks for the tries that are left. */
export function verifyPin({ apdu: { p1, p2, data } }: Asked): ResponseApdu {
  if (p1 !== 0x00) throw new CardRefusal('apdu.parameters')
  if (p2 !== pin1) throw new CardRefusal('pin.none')
  if (data.length === 0) return answer(undefined, triesLeft)
  if (data.length !== 8) throw new CardRefusal('apdu.length')
  throw new CardRefusal('pin.disabled')
}
