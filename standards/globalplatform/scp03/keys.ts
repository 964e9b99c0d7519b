/** Session keys and cryptograms of Secure Channel Protocol '03'. GPCS Amendment D v1.1.2 §4.1.5, §6.2. */
import { concat } from '@mobile-jpki/tlv'
import { aesCmac } from '../cryptography.ts'
import type { KeySet } from '../secure-channel.ts'

/** Data derivation constants, Amendment D table 4-1. */
const constants = {
  cardCryptogram: 0x00,
  hostCryptogram: 0x01,
  cardChallenge: 0x02,
  sEnc: 0x04,
  sMac: 0x06,
  sRmac: 0x07,
} as const

/** Key derivation in counter mode (NIST SP 800-108) with CMAC as the pseudo-random function. Amendment D §4.1.5. */
function derive(key: Uint8Array, constant: number, context: Uint8Array, length: number): Uint8Array {
  const bits = length * 8
  const block = (counter: number) => {
    const label = new Uint8Array(12)
    label[11] = constant
    return aesCmac(key, concat(label, Uint8Array.of(0x00, bits >>> 8, bits & 0xff, counter), context))
  }
  return concat(...Array.from({ length: Math.ceil(length / 16) }, (_, at) => block(at + 1))).slice(0, length)
}

export interface SessionKeys {
  readonly sEnc: Uint8Array
  readonly sMac: Uint8Array
  readonly sRmac: Uint8Array
}

/** Amendment D §6.2.1. The DEK is not derived: the static key serves. */
export function sessionKeys({ enc, mac }: KeySet, hostChallenge: Uint8Array, cardChallenge: Uint8Array): SessionKeys {
  const context = concat(hostChallenge, cardChallenge)
  return {
    sEnc: derive(enc, constants.sEnc, context, enc.length),
    sMac: derive(mac, constants.sMac, context, mac.length),
    sRmac: derive(mac, constants.sRmac, context, mac.length),
  }
}

/** Amendment D §6.2.2.2: derived from S-MAC, as long as the challenges. */
export const cardCryptogram = (sMac: Uint8Array, hostChallenge: Uint8Array, cardChallenge: Uint8Array): Uint8Array =>
  derive(sMac, constants.cardCryptogram, concat(hostChallenge, cardChallenge), cardChallenge.length)

/** Amendment D §6.2.2.3. */
export const hostCryptogram = (sMac: Uint8Array, hostChallenge: Uint8Array, cardChallenge: Uint8Array): Uint8Array =>
  derive(sMac, constants.hostCryptogram, concat(hostChallenge, cardChallenge), hostChallenge.length)

/** Pseudo-random card challenge, Amendment D §6.2.2.1: from the static K-ENC, the counter and the AID of the security domain. */
export const pseudoRandomChallenge = (
  enc: Uint8Array,
  sequenceCounter: number,
  aid: Uint8Array,
  length: number,
): Uint8Array =>
  derive(
    enc,
    constants.cardChallenge,
    concat(Uint8Array.of(sequenceCounter >>> 16, (sequenceCounter >>> 8) & 0xff, sequenceCounter & 0xff), aid),
    length,
  )

/** Implementation option `i`, Amendment D table 5-1. */
export const options = (i: number) => ({
  /** S16: challenges, cryptograms and MACs of 16 octets; S8: of 8. */
  size: (i & 0x01) !== 0 ? 16 : 8,
  pseudoRandom: (i & 0x10) !== 0,
})
