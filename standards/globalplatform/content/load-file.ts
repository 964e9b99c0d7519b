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
import { Aid } from '../registry.ts'

/** Data object 'E2': who vouches for the load file data block. GPCS table 11-58. */
export const DapBlock = template({ securityDomain: required(0x4f, Aid), signature: required(0xc3, octets()) })
export type DapBlock = TypeOf<typeof DapBlock>

export interface LoadFile {
  readonly dapBlocks: readonly DapBlock[]
  readonly dataBlock: Uint8Array
  /** 'D4' instead of 'C4': the data block is encrypted under the ciphered load file data block key. */
  readonly ciphered: boolean
}

export const LoadFile: Codec<LoadFile> = {
  encode: ({ dapBlocks, dataBlock, ciphered }) =>
    concat(
      ...dapBlocks.map((block) => writeTlv(0xe2, DapBlock.encode(block))),
      writeTlv(ciphered ? 0xd4 : 0xc4, dataBlock),
    ),
  decode: (stream) => {
    const dapBlocks: DapBlock[] = []
    let found: Pick<LoadFile, 'dataBlock' | 'ciphered'> | undefined
    for (const { tag, value } of readTlvs(stream)) {
      if (found !== undefined) throw new TlvError('more after the load file data block')
      if (tag === 0xe2) dapBlocks.push(DapBlock.decode(value))
      else if (tag === 0xc4 || tag === 0xd4) found = { dataBlock: value.slice(), ciphered: tag === 0xd4 }
      else throw new TlvError(`${tagName(tag)} is not expected in a load file`)
    }
    if (found === undefined) throw new TlvError('the load file data block is missing')
    return { dapBlocks, ...found }
  },
}

/** Cuts octets into blocks for LOAD or STORE DATA; at least one, the last may be shorter. */
export const cutBlocks = (stream: Uint8Array, size: number): readonly Uint8Array[] =>
  Array.from({ length: Math.max(1, Math.ceil(stream.length / size)) }, (_, at) =>
    stream.slice(at * size, (at + 1) * size),
  )
