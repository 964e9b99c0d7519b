/** Redundancy checks, cryptographic checksums and ciphering of packets. ETSI TS 102 225 §5.1.2, §5.1.3. */
import { aesCbc, aesCmac, equalSecrets, tripleDesCbc } from '@mobile-jpki/globalplatform/cryptography'
import { concat } from '@mobile-jpki/tlv'
import type { Cipher, CommandHeader, Integrity, KeyIndication } from './security.ts'

/** The keys of one key set: KIc ciphers, KID makes the checksum. */
export interface OtaKeys {
  readonly kic?: Uint8Array
  readonly kid?: Uint8Array
}

const block = { tripleDes2: 8, tripleDes3: 8, aes: 16 } as const
const zeros = (length: number): Uint8Array => new Uint8Array(length)

const lengths: Readonly<Record<Cipher, readonly number[]>> = { tripleDes2: [16], tripleDes3: [24], aes: [16, 24, 32] }
/** Whether a key is of the kind that the packet names. */
export const keyFits = (algorithm: Cipher, key: Uint8Array): boolean => lengths[algorithm].includes(key.length)

const isCipher = (algorithm: KeyIndication['algorithm']): algorithm is Cipher => Object.hasOwn(block, algorithm)

/** Padding octets are 00, so that a checksum covers what will be ciphered. §5.1.2. */
export const paddingFor = (algorithm: Cipher, length: number): number => {
  const over = length % block[algorithm]
  return over === 0 ? 0 : block[algorithm] - over
}
const padded = (algorithm: Cipher, message: Uint8Array): Uint8Array =>
  concat(message, zeros(paddingFor(algorithm, message.length)))

/** Whole blocks in CBC mode, from a vector of 00. §5.1.2. */
export function cipher(kic: CommandHeader['kic'], { kic: key }: OtaKeys, blocks: Uint8Array): Uint8Array {
  if (kic === undefined || key === undefined || !keyFits(kic.algorithm, key))
    throw new TypeError('KIc and its key do not fit')
  return kic.algorithm === 'aes' ? aesCbc.encrypt(key, zeros(16), blocks) : tripleDesCbc.encrypt(key, zeros(8), blocks)
}

/** Undefined where the octets are not whole blocks, or the key is of another kind than KIc says. */
export function decipher(kic: CommandHeader['kic'], { kic: key }: OtaKeys, octets: Uint8Array): Uint8Array | undefined {
  if (kic === undefined || key === undefined || !keyFits(kic.algorithm, key)) return undefined
  if (octets.length === 0 || octets.length % block[kic.algorithm] !== 0) return undefined
  return kic.algorithm === 'aes' ? aesCbc.decrypt(key, zeros(16), octets) : tripleDesCbc.decrypt(key, zeros(8), octets)
}

/** ISO/IEC 13239, both least significant bit first: 0x8408 in 16 bits, 0xEDB88320 in 32. §5.1.3.2. */
function crc(message: Uint8Array, polynomial: number, width: 2 | 4): Uint8Array {
  const ones = width === 2 ? 0xffff : 0xffffffff
  let register = ones
  for (const octet of message) {
    register ^= octet
    for (let bit = 0; bit < 8; bit++) register = (register & 1) === 1 ? (register >>> 1) ^ polynomial : register >>> 1
  }
  return Uint8Array.fromHex(((register ^ ones) >>> 0).toString(16).padStart(2 * width, '0'))
}

/** Octets of the check that a header's integrity and KID mean. */
export function checkLengthOf(integrity: Integrity, kid: CommandHeader['kid']): number {
  if (integrity === 'none') return 0
  if (integrity === 'CC') return 8
  return kid?.algorithm === 'crc16' ? 2 : 4
}

/**
 * RC or CC over a packet. Undefined when KID names no algorithm for it, or the key is of another kind.
 * Triple DES: the last block in CBC mode, over whole blocks; AES: the leftmost eight octets of CMAC.
 */
export function checkOver(
  integrity: Integrity,
  kid: CommandHeader['kid'],
  { kid: key }: OtaKeys,
  message: Uint8Array,
): Uint8Array | undefined {
  if (integrity === 'none') return zeros(0)
  if (kid === undefined) return undefined
  const { algorithm } = kid
  if (integrity === 'RC') {
    if (isCipher(algorithm)) return undefined
    return algorithm === 'crc16' ? crc(message, 0x8408, 2) : crc(message, 0xedb88320, 4)
  }
  if (!isCipher(algorithm) || key === undefined || !keyFits(algorithm, key)) return undefined
  return algorithm === 'aes'
    ? aesCmac(key, message).slice(0, 8)
    : tripleDesCbc.encrypt(key, zeros(8), padded(algorithm, message)).slice(-8)
}

export const checkHolds = (wanted: Uint8Array | undefined, found: Uint8Array): boolean =>
  wanted !== undefined && equalSecrets(wanted, found)
