/** RSA signatures, RFC 8017: EMSA-PKCS1-v1_5 in the program, RSASP1 in the card. */
import { RsaCrt } from '@mobile-jpki/jpki'
import type { RsaCrtKey } from '@mobile-jpki/sim/contract'
import { concat, readTlvs } from '@mobile-jpki/tlv'
import type { Context } from './memory.ts'
import { refuse } from './status.ts'

/** Octets of the modulus. */
export const modulusLength = 256

/** DigestInfo of SHA-256 up to the digest, RFC 8017 §9.2 note 1. */
const sha256Prefix = Uint8Array.fromHex('3031300d060960864801650304020105000420')

export const digestInfo = (digest: Uint8Array): Uint8Array => concat(sha256Prefix, digest)

/** EMSA-PKCS1-v1_5, RFC 8017 §9.2: at least eight octets of FF. */
export function padded(data: Uint8Array): Uint8Array {
  if (data.length > modulusLength - 11) refuse('conditionsOfUseNotSatisfied')
  const filler = new Uint8Array(modulusLength - 3 - data.length).fill(0xff)
  return concat(Uint8Array.of(0x00, 0x01), filler, Uint8Array.of(0x00), data)
}

export function sign({ card }: Context, data: Uint8Array): Uint8Array {
  const key = card.nvm.get('privateKey') ?? refuse('referencedDataNotFound')
  return rsa(card, RsaCrt.decode(key), padded(data))
}

const rsa = (card: Context['card'], { p, q, dP, dQ, qInverse }: RsaCrt, block: Uint8Array): Uint8Array =>
  card.rsa.sign({ p, q, dp: dP, dq: dQ, qinv: qInverse }, block)

/** The parts of a key that the card made: numbers without leading zeros, put into 128 octets each. */
export const keyOf = ({ p, q, dp, dq, qinv }: RsaCrtKey): RsaCrt => ({
  p: half(p),
  q: half(q),
  qInverse: half(qinv),
  dP: half(dp),
  dQ: half(dq),
})
const half = (number: Uint8Array): Uint8Array => concat(new Uint8Array(modulusLength / 2 - number.length), number)

/** n = pq: what the attestation of a key made in the card shows. */
export const modulusOf = ({ p, q }: RsaCrt): Uint8Array =>
  Uint8Array.fromHex((numberOf(p) * numberOf(q)).toString(16).padStart(modulusLength * 2, '0'))

export const publicExponent = Uint8Array.of(0x01, 0x00, 0x01)

/** A key belongs to a certificate when the certificate's public key verifies what the key signs. */
export function belongsTo({ card }: Context, key: RsaCrt, certificate: Uint8Array): boolean {
  const modulus = publicModulus(certificate)
  const probe = padded(digestInfo(card.sha256(certificate)))
  return power65537(numberOf(signedWith(card, key, probe)), modulus) === numberOf(probe)
}

function signedWith(card: Context['card'], key: RsaCrt, block: Uint8Array): Uint8Array {
  try {
    return rsa(card, key, block)
  } catch {
    // Parts that are no RSA key at all.
    return refuse('wrongData')
  }
}

function power65537(base: bigint, modulus: bigint): bigint {
  let power = base
  for (let squarings = 0; squarings < 16; squarings++) power = (power * power) % modulus
  return (power * base) % modulus
}

/** RSAPublicKey of a certificate (RFC 5280 §4.1, RFC 8017 A.1.1): 2048 bits, exponent 65537. */
function publicModulus(certificate: Uint8Array): bigint {
  const [whole, ...behind] = readTlvs(certificate)
  if (whole?.tag !== 0x30 || behind.length > 0) refuse('wrongData')
  const subjectPublicKeyInfo = member(member(whole.value, 0), 6)
  const [modulus, exponent] = readTlvs(member(member(subjectPublicKeyInfo, 1).slice(1), 0))
  if (exponent?.value.toHex() !== publicExponent.toHex()) refuse('wrongData')
  if (modulus?.value.length !== modulusLength + 1) refuse('wrongData')
  return numberOf(modulus.value)
}

const member = (sequence: Uint8Array, at: number): Uint8Array =>
  [...readTlvs(sequence)][at]?.value ?? refuse('wrongData')

const numberOf = (octets: Uint8Array): bigint => BigInt(`0x${octets.toHex()}`)
