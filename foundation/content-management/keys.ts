/** The key set of a security domain: replaced by its owner, and told by its octets. GPCS v2.3.1 §11.8. */
import {
  type KeyEncryption,
  type KeySet,
  keyCheckValue,
  PutKey,
  PutKeyResponse,
  putKeySet,
} from '@mobile-jpki/globalplatform'
import { Refusal } from '@mobile-jpki/refusal'
import type { Instruction } from '@mobile-jpki/seram'
import { concat, sameOctets } from '@mobile-jpki/tlv'
import { type ChannelTerms, keyLengthOf, keyTypeOf } from './terms.ts'

/** ENC ‖ MAC ‖ DEK. */
export function keySetOf(octets: Uint8Array, terms: Pick<ChannelTerms, 'keyBits'>): KeySet {
  const length = keyLengthOf(terms)
  if (octets.length !== 3 * length) throw new RangeError(`a key set has three keys of ${length} octets`)
  return {
    enc: octets.slice(0, length),
    mac: octets.slice(length, 2 * length),
    dek: octets.slice(2 * length),
  }
}

export interface Replacement {
  readonly keys: KeySet
  readonly keyVersion: number
  /** The set that goes with the same command. */
  readonly replaces: number
  readonly terms: ChannelTerms
}

export const replaceKeys = (session: KeyEncryption, { terms, ...set }: Replacement): Instruction => ({
  what: PutKey.name,
  apdu: putKeySet(session, { type: keyTypeOf(terms), ...set }),
})

/** The card answers the check values of what it has taken. */
export function checkReplaced(answer: Uint8Array, { keys, keyVersion, terms }: Replacement): void {
  const taken = PutKeyResponse.decode(answer)
  const type = keyTypeOf(terms)
  const expected = concat(...[keys.enc, keys.mac, keys.dek].map((key) => keyCheckValue(type, key)))
  if (taken.keyVersion !== keyVersion || !sameOctets(concat(...taken.checkValues), expected))
    throw new Refusal('card.refused', 'The SIM did not take the keys as they were sent.', { whose: 'sim' })
}
