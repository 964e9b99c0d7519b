/** The algorithms of GPCS v2.3.1 annex B: AES-CMAC, AES, triple DES, retail MAC. Padding is explicit. */
import { createCipheriv, createDecipheriv, createMac, timingSafeEqual } from 'node:crypto'
import { concat } from '@mobile-jpki/tlv'

/** Node 26 has it; its type declarations do not yet. */
declare module 'node:crypto' {
  function createMac(
    algorithm: 'cmac',
    key: Uint8Array,
    options: { readonly cipher: string },
  ): { update(data: Uint8Array): void; final(): Uint8Array }
}

const zeros = (length: number): Uint8Array => new Uint8Array(length)

/** CMAC with AES-128, -192 or -256. NIST SP 800-38B, RFC 4493. */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const mac = createMac('cmac', key, { cipher: `aes-${key.length * 8}-cbc` })
  mac.update(message)
  return Uint8Array.from(mac.final())
}

/** AES in CBC mode over whole blocks. */
export const aesCbc = {
  encrypt: (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
    encrypt(`aes-${key.length * 8}-cbc`, key, iv, blocks),
  decrypt: (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
    decrypt(`aes-${key.length * 8}-cbc`, key, iv, blocks),
} as const

/** One block under AES: an initial chaining vector, a key check value. */
export const aesBlock = (key: Uint8Array, block: Uint8Array): Uint8Array => aesCbc.encrypt(key, zeros(16), block)

/** Triple DES with two or three keys, CBC mode over whole blocks. */
export const tripleDesCbc = {
  encrypt: (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
    encrypt(key.length === 24 ? 'des-ede3-cbc' : 'des-ede-cbc', key, iv, blocks),
  decrypt: (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
    decrypt(key.length === 24 ? 'des-ede3-cbc' : 'des-ede-cbc', key, iv, blocks),
} as const

/** Triple DES, ECB mode over whole blocks. */
export const tripleDesEcb = {
  encrypt: (key: Uint8Array, blocks: Uint8Array): Uint8Array =>
    encrypt(key.length === 24 ? 'des-ede3' : 'des-ede', key, null, blocks),
  decrypt: (key: Uint8Array, blocks: Uint8Array): Uint8Array =>
    decrypt(key.length === 24 ? 'des-ede3' : 'des-ede', key, null, blocks),
} as const

/** Single DES is triple DES with equal halves. */
const desKey = (key: Uint8Array): Uint8Array => concat(key.subarray(0, 8), key.subarray(0, 8))

/** One block under single DES with the left half of a key: the ICV encryption of SCP02, GPCS §E.3.4. */
export const desBlock = (key: Uint8Array, block: Uint8Array): Uint8Array => tripleDesEcb.encrypt(desKey(key), block)

/** Single DES plus final triple DES MAC (ISO/IEC 9797-1 algorithm 3), padded with 80 00. GPCS §B.1.2.2. */
export function retailMac(key: Uint8Array, message: Uint8Array, icv: Uint8Array = zeros(8)): Uint8Array {
  const padded = pad80(message, 8)
  const chained = padded.length > 8 ? tripleDesCbc.encrypt(desKey(key), icv, padded.subarray(0, -8)).subarray(-8) : icv
  return tripleDesCbc.encrypt(key, chained, padded.subarray(-8))
}

/** Full triple DES MAC (ISO/IEC 9797-1 algorithm 1), padded with 80 00. GPCS §B.1.2.1. */
export const fullTripleDesMac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  tripleDesCbc.encrypt(key, zeros(8), pad80(message, 8)).slice(-8)

/** Padding method 2 of ISO/IEC 9797-1: 80, then 00 to the end of the block. GPCS §B.2.3. */
export const pad80 = (message: Uint8Array, block: 8 | 16): Uint8Array =>
  concat(message, Uint8Array.of(0x80), zeros(block - 1 - (message.length % block)))

/** Takes the padding away; undefined where there is none. */
export function unpad80(padded: Uint8Array): Uint8Array | undefined {
  const end = padded.findLastIndex((octet) => octet !== 0)
  return end >= 0 && padded[end] === 0x80 ? padded.slice(0, end) : undefined
}

/** Equality in constant time; octets of different lengths are not equal. */
export const equalSecrets = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

function encrypt(algorithm: string, key: Uint8Array, iv: Uint8Array | null, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false)
  return concat(cipher.update(blocks), cipher.final())
}

function decrypt(algorithm: string, key: Uint8Array, iv: Uint8Array | null, blocks: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false)
  return concat(decipher.update(blocks), decipher.final())
}
