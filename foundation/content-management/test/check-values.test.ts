/** Check values that a card answers to PUT KEY: any other than those of the keys that were sent is noticed. GPCS v2.3.1 §11.8.3. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyCheckValue, PutKeyResponse } from '@mobile-jpki/globalplatform'
import { Refusal } from '@mobile-jpki/refusal'
import { TlvError } from '@mobile-jpki/tlv'
import { type ChannelTerms, checkReplaced, keyTypeOf, type Replacement } from '../index.ts'

const key = (first: number, length: number) => Uint8Array.from({ length }, (_, at) => (first + 29 * at) & 0xff)
const common = { minimumLevel: 0x03, largestData: 255 }
const types: Record<string, ChannelTerms> = {
  'SCP02 i=15': { ...common, scp: 2, i: 0x15, keyBits: 128 },
  'SCP03 i=00 with AES-192': { ...common, scp: 3, i: 0x00, keyBits: 192 },
}

describe('the check values of a new key set', () => {
  for (const [name, terms] of Object.entries(types))
    it(`are those of the keys, or the answer was changed in some bit: ${name}`, () => {
      const length = terms.keyBits / 8
      const keys = { enc: key(1, length), mac: key(2, length), dek: key(3, length) }
      const replacement: Replacement = { keys, keyVersion: 0x22, replaces: 0x21, terms }
      const checkValues = [keys.enc, keys.mac, keys.dek].map((one) => keyCheckValue(keyTypeOf(terms), one))
      const answer = PutKeyResponse.encode({ keyVersion: 0x22, checkValues })
      checkReplaced(answer, replacement)
      for (let bit = 0; bit < answer.length * 8; bit++) {
        const changed = answer.with(bit >> 3, (answer[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
        assert.throws(
          () => checkReplaced(changed, replacement),
          (error) => error instanceof TlvError || (error instanceof Refusal && error.code === 'card.refused'),
        )
      }
    })
})
