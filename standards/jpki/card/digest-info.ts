/** DigestInfo ::= SEQUENCE { digestAlgorithm, digest } for SHA-256, and its encoding for a signature. RFC 8017 §9.2. */
import { concat } from '@mobile-jpki/tlv'

/** RFC 8017 §9.2 note 1: all before the hash. */
const sha256Prefix = Uint8Array.fromHex('3031300d060960864801650304020105000420')

export function digestInfoOf(sha256: Uint8Array): Uint8Array {
  if (sha256.length !== 32) throw new RangeError('a SHA-256 digest has 32 octets')
  return concat(sha256Prefix, sha256)
}

/** EMSA-PKCS1-v1_5 without hashing: `00 01 FF… 00 ‖ data`; undefined when fewer than eight octets of padding would fit. */
export function padForSignature(data: Uint8Array, modulusLength: number): Uint8Array | undefined {
  if (data.length > modulusLength - 11) return undefined
  const block = new Uint8Array(modulusLength).fill(0xff)
  block.set([0x00, 0x01])
  block[modulusLength - data.length - 1] = 0x00
  block.set(data, modulusLength - data.length)
  return block
}
