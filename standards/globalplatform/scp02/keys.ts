/** Session keys and cryptograms of Secure Channel Protocol '02'. GPCS v2.3.1 §E.4.1–E.4.3. */
import { concat } from '@mobile-jpki/tlv'
import { fullTripleDesMac, retailMac, tripleDesCbc } from '../cryptography.ts'
import type { KeySet } from '../secure-channel.ts'

/** Derivation constants, GPCS §E.4.1. */
const constants = { cMac: 0x0101, rMac: 0x0102, dek: 0x0181, enc: 0x0182 } as const

export interface SessionKeys {
  readonly sEnc: Uint8Array
  readonly sMac: Uint8Array
  readonly sRmac: Uint8Array
  readonly dek: Uint8Array
}

export const counterOctets = (sequenceCounter: number): Uint8Array =>
  Uint8Array.of(sequenceCounter >>> 8, sequenceCounter & 0xff)

/** GPCS §E.4.1: triple DES CBC, ICV 0, over constant, sequence counter and zeros. */
function derive(key: Uint8Array, constant: number, sequenceCounter: number): Uint8Array {
  const data = concat(
    Uint8Array.of(constant >>> 8, constant & 0xff),
    counterOctets(sequenceCounter),
    new Uint8Array(12),
  )
  return tripleDesCbc.encrypt(key, new Uint8Array(8), data)
}

export const sessionKeys = ({ enc, mac, dek }: KeySet, sequenceCounter: number): SessionKeys => ({
  sEnc: derive(enc, constants.enc, sequenceCounter),
  sMac: derive(mac, constants.cMac, sequenceCounter),
  sRmac: derive(mac, constants.rMac, sequenceCounter),
  dek: derive(dek, constants.dek, sequenceCounter),
})

/** GPCS §E.4.2.1. */
export const cardCryptogram = (
  sEnc: Uint8Array,
  hostChallenge: Uint8Array,
  sequenceCounter: number,
  cardChallenge: Uint8Array,
): Uint8Array => fullTripleDesMac(sEnc, concat(hostChallenge, counterOctets(sequenceCounter), cardChallenge))

/** GPCS §E.4.2.2. */
export const hostCryptogram = (
  sEnc: Uint8Array,
  hostChallenge: Uint8Array,
  sequenceCounter: number,
  cardChallenge: Uint8Array,
): Uint8Array => fullTripleDesMac(sEnc, concat(counterOctets(sequenceCounter), cardChallenge, hostChallenge))

/** The well-known pseudo-random algorithm, GPCS §E.4.2.3: the MAC of the security domain's AID, six octets of it. */
export const pseudoRandomChallenge = (sMac: Uint8Array, aid: Uint8Array): Uint8Array => retailMac(sMac, aid).slice(0, 6)
