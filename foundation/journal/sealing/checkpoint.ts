/**
 * A checkpoint: the journal's key says what the chain was at a time. Its line is what stands in the file beside the database,
 *
 *   mobile-jpki/checkpoint/1 JOURNAL NUMBER POSITION HASH TIME SIGNATURE
 *
 * and what is signed are the octets before the last space. README.md checks one with openssl.
 */
import { algorithms } from '@mobile-jpki/pkix'
import { type Signer, verifySignature } from '@mobile-jpki/pkix/crypto'

export interface Checkpoint {
  /** 1, 2, 3 …: one that is missing leaves a gap. */
  readonly number: number
  readonly position: number
  readonly hash: Uint8Array
  readonly at: string
  /** ECDSA P-256 with SHA-256, the DER form of r and s. */
  readonly signature: Uint8Array
}

type Unsigned = Omit<Checkpoint, 'signature'>

const statement = (journal: string, { number, position, hash, at }: Unsigned): string =>
  `mobile-jpki/checkpoint/1 ${journal} ${number} ${position} ${hash.toHex()} ${at}`

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const signed = async (journal: string, unsigned: Unsigned, signer: Signer): Promise<Checkpoint> => ({
  ...unsigned,
  signature: await signer.sign(utf8(statement(journal, unsigned))),
})

/** `publicKey` is a SubjectPublicKeyInfo. */
export const isSigned = async (journal: string, checkpoint: Checkpoint, publicKey: Uint8Array): Promise<boolean> =>
  verifySignature({
    algorithm: algorithms.ecdsaWithSHA256,
    publicKey,
    octets: utf8(statement(journal, checkpoint)),
    signature: checkpoint.signature,
  })

export const lineOf = (journal: string, checkpoint: Checkpoint): string =>
  `${statement(journal, checkpoint)} ${checkpoint.signature.toBase64()}`

const line =
  /^mobile-jpki\/checkpoint\/1 (\S+) ([1-9]\d{0,15}) ([1-9]\d{0,15}) ([0-9a-f]{64}) (\d{4}-\d\d-\d\dT[\d:.]{8,12}Z) ([A-Za-z0-9+/]+={0,2})$/

/** undefined when it is none of this journal's. */
export function checkpointIn(text: string, journal: string): Checkpoint | undefined {
  const [, name, number, position, hash, at, signature] = line.exec(text) ?? []
  if (name !== journal || hash === undefined || at === undefined || signature === undefined) return undefined
  try {
    return {
      number: Number(number),
      position: Number(position),
      hash: Uint8Array.fromHex(hash),
      at,
      signature: Uint8Array.fromBase64(signature),
    }
  } catch {
    return undefined
  }
}
