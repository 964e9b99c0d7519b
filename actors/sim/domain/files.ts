/**
 * The files that a reader expects of any UICC: MF, EF.DIR (the card's applications) and EF.ICCID, readable by anybody.
 * They answer while a security domain is selected. ETSI TS 102 221 §8, §11.1, §13.
 */
import { activated, FileControlParameters, fileDescriptors, linearFixed, type ResponseApdu } from '@mobile-jpki/iso7816'
import { writeTlv } from '@mobile-jpki/tlv'
import { isSelectable } from './life-cycle.ts'
import { CardRefusal } from './rules.ts'
import { type Asked, answer, type CardContext } from './state.ts'

const ids = { mf: 0x3f00, dir: 0x2f00, iccid: 0x2fe2 } as const
const ins = { select: 0xa4, readBinary: 0xb0, readRecord: 0xb2, status: 0xf2 } as const

/** File commands of this card, by class and instruction; 80 F2 with P1 00 to 02 is STATUS, else GET STATUS. */
export const isFileCommand = ({ apdu: { cla, ins: instruction, p1 } }: Asked): boolean =>
  (cla & 0x80) === 0
    ? instruction === ins.select || instruction === ins.readBinary || instruction === ins.readRecord
    : instruction === ins.status && p1 <= 0x02

export function askFiles(asked: Asked): ResponseApdu {
  const { channel, card, apdu } = asked
  switch (apdu.ins) {
    case ins.select:
      return selectFile(asked)
    case ins.readBinary: {
      if (channel.file !== ids.iccid) throw new CardRefusal('file.kind')
      if ((apdu.p1 & 0x80) !== 0) throw new CardRefusal('apdu.parameters')
      return part(iccidFile(card), (apdu.p1 << 8) | apdu.p2, apdu.le)
    }
    case ins.readRecord: {
      if (channel.file !== ids.dir) throw new CardRefusal('file.kind')
      if ((apdu.p2 & 0x07) !== 0x04) throw new CardRefusal('apdu.parameters')
      const record = directory(card)[apdu.p1 - 1]
      if (record === undefined) throw new CardRefusal('file.record')
      return part(record, 0, apdu.le)
    }
    default:
      return answer(apdu.p2 === 0x0c ? undefined : parametersOf(card, channel.file))
  }
}

/** By identifier (P1 00), or by path from the MF (P1 08) or from where one is (P1 09). TS 102 221 §11.1.1. */
function selectFile({ card, channel, apdu: { p1, p2, data } }: Asked): ResponseApdu {
  if (p1 !== 0x00 && p1 !== 0x08 && p1 !== 0x09) throw new CardRefusal('apdu.parameters')
  const path = Array.from({ length: data.length / 2 }, (_, at) => ((data[2 * at] ?? 0) << 8) | (data[2 * at + 1] ?? 0))
  if (data.length % 2 !== 0 || path.length > 2) throw new CardRefusal('apdu.length')
  const [file = ids.mf, ...rest] = path[0] === ids.mf && path.length > 1 ? path.slice(1) : path
  if (rest.length > 0 || !Object.values<number>(ids).includes(file)) throw new CardRefusal('file.not-found')
  channel.file = file
  return answer((p2 & 0x0c) === 0x0c ? undefined : parametersOf(card, file))
}

function part(content: Uint8Array, from: number, length: number | undefined): ResponseApdu {
  if (from > content.length) throw new CardRefusal('file.offset')
  return answer(content.slice(from, from + (length ?? content.length)))
}

/** Two digits an octet with the nibbles swapped. TS 102 221 §13.2. */
const iccidFile = ({ nvm }: CardContext): Uint8Array =>
  (nvm.get('card/iccid') ?? new Uint8Array()).map((octet) => ((octet & 0x0f) << 4) | (octet >>> 4))

const recordLength = 0x26

/** EF.DIR: application template with AID. TS 102 221 §13.1. */
function directory({ registry }: CardContext): readonly Uint8Array[] {
  const listed = registry.applications().filter(({ kind, lifeCycle }) => kind === 'program' && isSelectable(lifeCycle))
  return listed.map(({ aid }) => {
    const record = new Uint8Array(recordLength).fill(0xff)
    record.set(writeTlv(0x61, writeTlv(0x4f, aid)))
    return record
  })
}

/** UICC characteristics, TS 102 221 §11.1.1.4.6.1: clock stop allowed, voltage classes A to C. */
const characteristics = writeTlv(0x80, Uint8Array.of(0x71))
/** No PIN protects anything here. TS 102 221 §9.5.2. */
const pinStatus = writeTlv(0x90, Uint8Array.of(0x00))

function parametersOf(card: CardContext, file: number): Uint8Array {
  const life = { fileIdentifier: file, lifeCycleStatus: activated }
  if (file === ids.iccid)
    return FileControlParameters.encode({
      ...life,
      fileDescriptor: fileDescriptors.transparent,
      fileSize: iccidFile(card).length,
      shortFileIdentifier: 0x02,
    })
  if (file === ids.dir) {
    const { length } = directory(card)
    return FileControlParameters.encode({
      ...life,
      fileDescriptor: linearFixed(recordLength, length),
      fileSize: recordLength * length,
      shortFileIdentifier: 0x1e,
    })
  }
  return FileControlParameters.encode({
    ...life,
    fileDescriptor: fileDescriptors.df,
    proprietary: characteristics,
    pinStatus,
  })
}
