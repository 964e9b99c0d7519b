/** Command-response pairs, short and extended. ISO/IEC 7816-4:2020 §5.2–5.4, ISO/IEC 7816-3:2006 §12.1. */
import { concat } from '@mobile-jpki/tlv'
import { SW } from './status-words.ts'

/** A command APDU. `le` is the number of octets expected: 256 for a short Le of 00, 65536 for an extended one of 0000. */
export interface CommandApdu {
  readonly cla: number
  readonly ins: number
  readonly p1: number
  readonly p2: number
  readonly data: Uint8Array
  readonly le?: number
}

/** A response APDU: the response data field and the two status octets. */
export interface ResponseApdu {
  readonly data: Uint8Array
  readonly sw: number
}

/** The APDU does not follow its declaration; `sw` is the status word by which a card says so. */
export class ApduError extends Error {
  override readonly name = 'ApduError'
  readonly sw: number

  constructor(message: string, sw: number = SW.wrongLength, options?: ErrorOptions) {
    super(message, options)
    this.sw = sw
  }
}

const none = new Uint8Array()

/** Reads all four cases, short and extended (ISO/IEC 7816-3 §12.1.3). */
export function parseCommandApdu(octets: Uint8Array): CommandApdu {
  const [cla, ins, p1, p2] = octets
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined)
    throw new ApduError(`a command APDU has at least 4 octets, not ${octets.length}`)
  const header = { cla, ins, p1, p2 }
  const body = octets.subarray(4)
  const [first] = body
  if (first === undefined) return { ...header, data: none }
  if (body.length === 1) return { ...header, data: none, le: first || 0x100 }
  return { ...header, ...(first === 0 ? extended(body) : short(body, first)) }
}

function short(body: Uint8Array, lc: number): Pick<CommandApdu, 'data' | 'le'> {
  const data = body.slice(1, 1 + lc)
  if (body.length === 1 + lc) return { data }
  if (body.length === 2 + lc) return { data, le: (body[1 + lc] ?? 0) || 0x100 }
  throw new ApduError(`Lc announces ${lc} octets, ${body.length - 1} follow`)
}

function extended(body: Uint8Array): Pick<CommandApdu, 'data' | 'le'> {
  const number = (at: number) => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0)
  if (body.length === 3) return { data: none, le: number(1) || 0x10000 }
  const lc = number(1)
  const data = body.slice(3, 3 + lc)
  if (lc > 0 && body.length === 3 + lc) return { data }
  if (lc > 0 && body.length === 5 + lc) return { data, le: number(3 + lc) || 0x10000 }
  throw new ApduError(`extended Lc announces ${lc} octets, ${body.length - 3} follow`)
}

/** Writes the short form wherever it suffices. */
export function encodeCommandApdu({ cla, ins, p1, p2, data, le }: CommandApdu): Uint8Array {
  if (data.length > 0xffff) throw new ApduError(`${data.length} octets are too many for one command`)
  if (le !== undefined && !(Number.isInteger(le) && le >= 1 && le <= 0x10000)) throw new ApduError(`${le} is no Le`)
  const header = Uint8Array.of(cla, ins, p1, p2)
  if (data.length <= 0xff && (le ?? 0) <= 0x100) {
    const lc = data.length === 0 ? none : Uint8Array.of(data.length)
    return concat(header, lc, data, le === undefined ? none : Uint8Array.of(le & 0xff))
  }
  const twoOctets = (number: number) => Uint8Array.of((number >>> 8) & 0xff, number & 0xff)
  const lc = data.length === 0 ? none : twoOctets(data.length)
  return concat(header, Uint8Array.of(0), lc, data, le === undefined ? none : twoOctets(le))
}

export function parseResponseApdu(octets: Uint8Array): ResponseApdu {
  const [sw1, sw2] = octets.subarray(-2)
  if (sw1 === undefined || sw2 === undefined) throw new ApduError('a response APDU has at least 2 octets')
  return { data: octets.slice(0, -2), sw: (sw1 << 8) | sw2 }
}

export const encodeResponseApdu = ({ data, sw }: ResponseApdu): Uint8Array =>
  concat(data, Uint8Array.of((sw >>> 8) & 0xff, sw & 0xff))

/** Logical channel of a class octet, 0 to 19. ISO/IEC 7816-4 §5.4.1, tables 2 and 3; GPCS v2.3.1 §11.1.4. */
export const logicalChannel = (cla: number): number => (cla & 0x40 ? 4 + (cla & 0x0f) : cla & 0x03)

/** Does the class octet announce secure messaging? Tables 2 and 3 again. */
export const isSecured = (cla: number): boolean => (cla & (cla & 0x40 ? 0x20 : 0x0c)) !== 0

/** The class octet on the basic channel without secure messaging: what a declaration names. */
export const plainClass = (cla: number): number => cla & 0x80

/** The same command on another logical channel. */
export function onChannel<A extends CommandApdu>(apdu: A, channel: number): A {
  if (!Number.isInteger(channel) || channel < 0 || channel > 19) throw new ApduError(`${channel} is no logical channel`)
  const secured = isSecured(apdu.cla)
  const further = 0x40 | (secured ? 0x20 : 0) | (channel - 4)
  const first = (secured && (apdu.cla & 0x40) === 0 ? apdu.cla & 0x0c : secured ? 0x04 : 0) | channel
  return { ...apdu, cla: plainClass(apdu.cla) | (channel < 4 ? first : further) }
}
