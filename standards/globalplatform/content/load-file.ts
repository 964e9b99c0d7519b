/** The load file: signatures of DAP authorities, then the load file data block. GPCS v2.3.1 §11.6.2.3, §C.2, §C.3. */
import {
  type Codec,
  concat,
  octets,
  readTlvs,
  required,
  TlvError,
  type TypeOf,
  tagName,
  template,
  writeTlv,
} from '@mobile-jpki/tlv'
import { aesCbc, pad80, tripleDesCbc, unpad80 } from '../cryptography.ts'
import { Aid } from '../registry.ts'

/** Data object 'E2': who vouches for the load file data block. GPCS table 11-58. */
export const DapBlock = template({ securityDomain: required(0x4f, Aid), signature: required(0xc3, octets()) })
export type DapBlock = TypeOf<typeof DapBlock>

export interface LoadFile {
  readonly dapBlocks: readonly DapBlock[]
  readonly dataBlock: Uint8Array
  /** 'D4' instead of 'C4': the data block is encrypted under the ciphered load file data block key. */
  readonly ciphered: boolean
  /** 'D3': the initial chaining vector of a ciphered data block; without it, zeros. */
  readonly icv?: Uint8Array
}

export const LoadFile: Codec<LoadFile> = {
  encode: ({ dapBlocks, dataBlock, ciphered, icv }) =>
    concat(
      ...dapBlocks.map((block) => writeTlv(0xe2, DapBlock.encode(block))),
      ...(icv === undefined ? [] : [writeTlv(0xd3, icv)]),
      writeTlv(ciphered ? 0xd4 : 0xc4, dataBlock),
    ),
  decode: (stream) => {
    const dapBlocks: DapBlock[] = []
    let icv: Uint8Array | undefined
    let found: Pick<LoadFile, 'dataBlock' | 'ciphered'> | undefined
    for (const { tag, value } of readTlvs(stream)) {
      if (found !== undefined) throw new TlvError('more after the load file data block')
      if (tag === 0xe2 && icv === undefined) dapBlocks.push(DapBlock.decode(value))
      else if (tag === 0xd3 && icv === undefined) icv = octets({ min: 8, max: 16 }).decode(value).slice()
      else if (tag === 0xc4 || tag === 0xd4) found = { dataBlock: value.slice(), ciphered: tag === 0xd4 }
      else throw new TlvError(`${tagName(tag)} is not expected in a load file`)
    }
    if (found === undefined) throw new TlvError('the load file data block is missing')
    if (icv !== undefined && !found.ciphered) throw new TlvError('D3 goes with D4 only')
    return { dapBlocks, ...found, ...(icv && { icv }) }
  },
}

/** Cuts octets into blocks for LOAD or STORE DATA; at least one, the last may be shorter. */
export const cutBlocks = (stream: Uint8Array, size: number): readonly Uint8Array[] =>
  Array.from({ length: Math.max(1, Math.ceil(stream.length / size)) }, (_, at) =>
    stream.slice(at * size, (at + 1) * size),
  )

/** Key that ciphers load file data blocks. GPCS §B.1, §C.6. */
export interface LoadFileKey {
  readonly type: 'AES' | 'DES'
  readonly key: Uint8Array
}

const ciphers = { AES: { cbc: aesCbc, block: 16 }, DES: { cbc: tripleDesCbc, block: 8 } } as const

/** CBC mode over the data block padded with 80 00. GPCS §C.6. */
export function cipherDataBlock({ type, key }: LoadFileKey, dataBlock: Uint8Array, icv?: Uint8Array): Uint8Array {
  const { cbc, block } = ciphers[type]
  return cbc.encrypt(key, icv ?? new Uint8Array(block), pad80(dataBlock, block))
}

/** Undefined for what no key of this kind has ciphered. */
export function decipherDataBlock(
  { type, key }: LoadFileKey,
  ciphered: Uint8Array,
  icv?: Uint8Array,
): Uint8Array | undefined {
  const { cbc, block } = ciphers[type]
  const vector = icv ?? new Uint8Array(block)
  if (vector.length !== block || ciphered.length === 0 || ciphered.length % block !== 0) return undefined
  return unpad80(cbc.decrypt(key, vector, ciphered))
}
