/** Key diversification: from an issuer's master key to the keys of one card. EMV CPS v1.1 §4.1, VISA GP 2.1.1 guide, KDF3. */
import { concat } from '@mobile-jpki/tlv'
import { aesCmac, tripleDesEcb } from '../cryptography.ts'
import type { KeySet } from '../secure-channel.ts'

/** What stands for the card: the first ten octets of its answer to INITIALIZE UPDATE. */
type DiversificationData = Uint8Array
type Purpose = 1 | 2 | 3

export type DiversificationMethod = 'none' | 'emv-cps-1.1' | 'visa2' | 'kdf3'

/** The key set of one card under a master key. */
export function diversify(method: DiversificationMethod, master: Uint8Array, data: DiversificationData): KeySet {
  if (data.length !== 10) throw new RangeError('key diversification data have ten octets')
  const derive = methods[method]
  return { enc: derive(master, data, 1), mac: derive(master, data, 2), dek: derive(master, data, 3) }
}

type Derive = (master: Uint8Array, data: DiversificationData, purpose: Purpose) => Uint8Array

const methods: Readonly<Record<DiversificationMethod, Derive>> = {
  none: (master) => master,
  'emv-cps-1.1': (master, data, purpose) => twoBlocks(master, data.subarray(4), purpose),
  visa2: (master, data, purpose) => twoBlocks(master, concat(data.subarray(0, 2), data.subarray(4, 8)), purpose),
  kdf3: (master, data, purpose) => {
    const block = (counter: number) => aesCmac(master, concat(Uint8Array.of(counter, 0, 0, 0, purpose, 0), data))
    return concat(...Array.from({ length: Math.ceil(master.length / 16) }, (_, at) => block(at + 1))).slice(
      0,
      master.length,
    )
  },
}

/** Six octets of the card's, F0 and 0F apart, under triple DES. EMV CPS v1.1 §4.1. */
const twoBlocks = (master: Uint8Array, six: Uint8Array, purpose: Purpose): Uint8Array =>
  tripleDesEcb.encrypt(master, concat(six, Uint8Array.of(0xf0, purpose), six, Uint8Array.of(0x0f, purpose)))
