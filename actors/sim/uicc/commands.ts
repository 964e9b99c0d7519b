/**
 * SELECT by identifier and path, STATUS, READ BINARY, READ RECORD, UPDATE BINARY, VERIFY PIN. They answer while the USIM, a
 * security domain or the controlling authority is selected, as a program has these commands for itself. ETSI TS 102 221 §8.4, §11.1.
 */
import { isSecured, type ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets, writeTlv } from '@mobile-jpki/tlv'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer, type Channel } from '../domain/state.ts'
import { needAccess, verifyPin } from './access.ts'
import { directoryParameters, fileParameters } from './file-control.ts'
import { contentOf, type Directory, type ElementaryFile, files, ids, keepContent, usimAid } from './files.ts'

const ins = {
  verify: 0x20,
  select: 0xa4,
  readBinary: 0xb0,
  readRecord: 0xb2,
  updateBinary: 0xd6,
  status: 0xf2,
} as const
const ofFiles: readonly number[] = [ins.verify, ins.select, ins.readBinary, ins.readRecord, ins.updateBinary]

/** 80 F2 with P1 00 to 02 is STATUS, else GET STATUS of a security domain. What comes under secure messaging is for its session. */
export const isFileCommand = ({ apdu: { cla, ins: instruction, p1 } }: Asked): boolean =>
  !isSecured(cla) && ((cla & 0x80) === 0 ? ofFiles.includes(instruction) : instruction === ins.status && p1 <= 0x02)

export function askFiles(asked: Asked): ResponseApdu {
  switch (asked.apdu.ins) {
    case ins.verify:
      return verifyPin(asked)
    case ins.select:
      return selectFile(asked)
    case ins.readBinary:
      return readBinary(asked)
    case ins.updateBinary:
      return updateBinary(asked)
    case ins.readRecord:
      return readRecord(asked)
    default:
      return status(asked)
  }
}

/** With the USIM selected there are files, and nothing else. */
export function askUsim(asked: Asked): ResponseApdu {
  if (isFileCommand(asked)) return askFiles(asked)
  throw new CardRefusal((asked.apdu.cla & 0x7c) === 0 ? 'apdu.instruction' : 'apdu.class')
}

export const isUsim = (aid: Uint8Array | undefined): boolean => aid !== undefined && sameOctets(aid, usimAid)

/** SELECT by its name or a beginning of it that is long enough to mean a USIM. TS 102 221 §8.5.1. */
export const namesUsim = (name: Uint8Array): boolean =>
  name.length >= 7 && sameOctets(usimAid.subarray(0, name.length), name)

export function enterUsim({ channel, apdu: { p2 } }: Asked): ResponseApdu {
  channel.selected = usimAid
  channel.file = { directory: 'usim' }
  return selected(directoryParameters('usim'), p2)
}

/** P2 b4b3: FCI and FCP alike are answered by the FCP; 11 asks for nothing. */
const selected = (parameters: Uint8Array, p2: number): ResponseApdu =>
  answer((p2 & 0x0c) === 0x0c ? undefined : parameters)

type Place = Channel['file']

/** By identifier (P1 00), the parent (03), by path from the MF (08) or from the current directory (09). §11.1.1. */
function selectFile({ card, channel, apdu: { p1, p2, data } }: Asked): ResponseApdu {
  if (![0x00, 0x03, 0x08, 0x09].includes(p1)) throw new CardRefusal('apdu.parameters')
  const path = Array.from({ length: data.length / 2 }, (_, at) => ((data[2 * at] ?? 0) << 8) | (data[2 * at + 1] ?? 0))
  if (data.length % 2 !== 0 || path.length > 3 || (p1 === 0x00 && path.length > 1)) throw new CardRefusal('apdu.length')
  if (p1 === 0x03) channel.file = { directory: 'mf' }
  else channel.file = path.length === 0 ? { directory: 'mf' } : path.reduce(step(channel), start(channel, p1))
  const { directory, file } = channel.file
  return selected(file === undefined ? directoryParameters(directory) : fileParameters(card, directory, file), p2)
}

const start = ({ file }: Channel, p1: number): Place =>
  p1 === 0x08 ? { directory: 'mf' } : { directory: file.directory }

/** The MF and the present application can be named anywhere; files only in their directory. */
const step =
  (channel: Channel) =>
  ({ directory, file: before }: Place, id: number): Place => {
    if (before === undefined && id === ids.mf) return { directory: 'mf' }
    if (before === undefined && id === ids.adf && isUsim(channel.selected)) return { directory: 'usim' }
    const file = before === undefined ? files[directory].find((one) => one.id === id) : undefined
    if (file === undefined) throw new CardRefusal('file.not-found')
    return { directory, file }
  }

/** P1 00 to 02: the terminal may tell where it stands. P2 01 asks for the application's name alone. §11.1.2. */
function status({ card, channel, apdu: { p2 } }: Asked): ResponseApdu {
  const { directory, file } = channel.file
  if (p2 === 0x0c) return answer()
  if (p2 === 0x01) return answer(isUsim(channel.selected) ? writeTlv(0x84, usimAid) : undefined)
  if (p2 !== 0x00) throw new CardRefusal('apdu.parameters')
  return answer(file === undefined ? directoryParameters(directory) : fileParameters(card, directory, file))
}

/** The current file, or one of the directory by its short identifier, which makes it the current one. §8.4.3. */
function fileFor(channel: Channel, shortIdentifier: number): { directory: Directory; file: ElementaryFile } {
  const { directory } = channel.file
  if (shortIdentifier !== 0) {
    const named = files[directory].find((one) => one.shortIdentifier === shortIdentifier)
    if (named === undefined) throw new CardRefusal('file.not-found')
    channel.file = { directory, file: named }
  }
  const { file } = channel.file
  if (file === undefined) throw new CardRefusal('file.none')
  return { directory, file }
}

/** P1 with b8 holds a short identifier and P2 the offset; without, both are the offset. §11.1.3, §11.1.4. */
function transparent({ card, channel, apdu: { p1, p2 } }: Asked) {
  const short = (p1 & 0x80) !== 0
  if ((p1 & 0x60) !== 0 && short) throw new CardRefusal('apdu.parameters')
  const { directory, file } = fileFor(channel, short ? p1 & 0x1f : 0)
  const [content] = contentOf(card, directory, file)
  if (file.recordLength !== undefined || content === undefined) throw new CardRefusal('file.kind')
  const offset = short ? p2 : (p1 << 8) | p2
  if (offset > content.length) throw new CardRefusal('file.offset')
  return { directory, file, content, offset }
}

function readBinary(asked: Asked): ResponseApdu {
  const { file, content, offset } = transparent(asked)
  needAccess(file.access, 'read')
  return answer(content.slice(offset, offset + (asked.apdu.le ?? content.length)))
}

function updateBinary(asked: Asked): ResponseApdu {
  const { directory, file, content, offset } = transparent(asked)
  const { data } = asked.apdu
  needAccess(file.access, 'update')
  if (data.length === 0 || offset + data.length > content.length) throw new CardRefusal('apdu.length')
  const updated = content.slice()
  updated.set(data, offset)
  keepContent(asked.card.nvm, directory, file, updated)
  return answer()
}

/** By number (P2 b3b2b1 100); P2 b8 to b4 may hold a short identifier. §11.1.5. */
function readRecord({ card, channel, apdu: { p1, p2, le } }: Asked): ResponseApdu {
  if ((p2 & 0x07) !== 0x04) throw new CardRefusal('apdu.parameters')
  const { directory, file } = fileFor(channel, p2 >>> 3)
  if (file.recordLength === undefined) throw new CardRefusal('file.kind')
  needAccess(file.access, 'read')
  const record = contentOf(card, directory, file)[p1 - 1]
  if (record === undefined) throw new CardRefusal('file.record')
  return answer(record.slice(0, le ?? record.length))
}
