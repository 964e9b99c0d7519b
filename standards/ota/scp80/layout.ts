/** How command and response packets lie in octets. ETSI TS 102 225 §5.1 table 1, §5.2 table 3; 3GPP TS 31.115 §4.3, §4.4. */
import { byte, concat, oneOf, TlvError, unsigned } from '@mobile-jpki/tlv'
import { type ResponseStatus, responseStatuses } from './counter.ts'
import {
  CipherKey,
  type CommandHeader,
  checkNamedByKid,
  needsKic,
  RedundancyKey,
  SecurityParameters,
  Tar,
} from './security.ts'

/** CPL and RPL have two octets. */
const Length = unsigned(2)
const Counter = unsigned(5)
const Status = oneOf(responseStatuses)

/** SPI, KIc, KID and TAR. */
const headerLength = 7
/** CNTR and PCNTR. */
const counterLength = 6
/** CPL, CHL, SPI, KIc, KID, TAR: what is never ciphered. */
export const clearLength = 3 + headerLength

/** A command packet as it came, its header read. */
export interface CommandOnWire {
  readonly header: CommandHeader
  /** CPL, CHL, SPI, KIc, KID, TAR. */
  readonly clear: Uint8Array
  /** CNTR, PCNTR, RC or CC, data and padding, perhaps ciphered. */
  readonly body: Uint8Array
  /** Octets of RC or CC, as the header's length says. */
  readonly checkLength: number
}

export function writeHeader({ spi, kic, kid, tar }: CommandHeader): Uint8Array {
  if (needsKic(spi) && kic === undefined) throw new TlvError('KIc is missing')
  const check = checkNamedByKid(spi)
  if (check !== 'none' && kid === undefined) throw new TlvError('KID is missing')
  return concat(
    SecurityParameters.encode(spi),
    kic === undefined ? Uint8Array.of(0) : CipherKey.encode(kic),
    kid === undefined ? Uint8Array.of(0) : writeKid(kid),
    Tar.encode(tar),
  )
}

const writeKid = (kid: NonNullable<CommandHeader['kid']>): Uint8Array => {
  const { keyVersion, algorithm } = kid
  return algorithm === 'crc16' || algorithm === 'crc32'
    ? RedundancyKey.encode({ keyVersion, algorithm })
    : CipherKey.encode({ keyVersion, algorithm })
}

/** The clear part of a packet whose body will have `bodyLength` octets. */
export const writeClear = (header: CommandHeader, checkLength: number, bodyLength: number): Uint8Array =>
  concat(
    Length.encode(1 + headerLength + bodyLength),
    byte.encode(headerLength + counterLength + checkLength),
    writeHeader(header),
  )

/** Reads what stands in the clear, so that the receiver knows whom the packet is for and which keys open it. */
export function readCommand(packet: Uint8Array): CommandOnWire {
  if (packet.length < clearLength + counterLength) throw new TlvError('the command packet is cut short')
  if (Length.decode(packet.subarray(0, 2)) !== packet.length - 2) throw new TlvError('CPL is not the packet’s length')
  const checkLength = (packet[2] ?? 0) - headerLength - counterLength
  if (checkLength < 0 || clearLength + counterLength + checkLength > packet.length) throw new TlvError('CHL is wrong')
  const spi = SecurityParameters.decode(packet.subarray(3, 5))
  const check = checkNamedByKid(spi)
  const kid = packet.subarray(6, 7)
  return {
    header: {
      spi,
      ...(needsKic(spi) && { kic: CipherKey.decode(packet.subarray(5, 6)) }),
      ...(check === 'RC' && { kid: RedundancyKey.decode(kid) }),
      ...(check === 'CC' && { kid: CipherKey.decode(kid) }),
      tar: packet.slice(7, clearLength),
    },
    clear: packet.slice(0, clearLength),
    body: packet.slice(clearLength),
    checkLength,
  }
}

/** CNTR and PCNTR, in the clear. */
export const writeCounter = (counter: number, padding: number): Uint8Array =>
  concat(Counter.encode(counter), byte.encode(padding))

/** A deciphered command body in its parts. Undefined where the padding cannot be. */
export function readBody(body: Uint8Array, checkLength: number) {
  const counted = body.subarray(0, counterLength)
  const padding = counted[5] ?? 0
  const padded = body.slice(counterLength + checkLength)
  if (body.length < counterLength + checkLength || padding > padded.length) return undefined
  return {
    counted,
    counter: Counter.decode(counted.subarray(0, 5)),
    padding,
    check: body.slice(counterLength, counterLength + checkLength),
    padded,
    data: padded.slice(0, padded.length - padding),
  }
}

/** TAR, CNTR, PCNTR and STS: what RHL counts besides the check. */
const responseHeaderLength = 10
/** RPL, RHL, TAR. */
export const responseClearLength = 6

export const writeResponseClear = (tar: Uint8Array, checkLength: number, bodyLength: number): Uint8Array =>
  concat(Length.encode(4 + bodyLength), byte.encode(responseHeaderLength + checkLength), Tar.encode(tar))

export const writeResponseCounter = (counter: number, padding: number, status: ResponseStatus): Uint8Array =>
  concat(writeCounter(counter, padding), Status.encode(status))

export function readResponseClear(packet: Uint8Array) {
  if (packet.length < responseClearLength + 7) throw new TlvError('the response packet is cut short')
  if (Length.decode(packet.subarray(0, 2)) !== packet.length - 2) throw new TlvError('RPL is not the packet’s length')
  const checkLength = (packet[2] ?? 0) - responseHeaderLength
  if (checkLength < 0 || responseClearLength + 7 + checkLength > packet.length) throw new TlvError('RHL is wrong')
  return {
    checkLength,
    clear: packet.slice(0, responseClearLength),
    tar: packet.slice(3, responseClearLength),
    body: packet.slice(responseClearLength),
  }
}

/** A deciphered response body in its parts. */
export function readResponseBody(body: Uint8Array, checkLength: number) {
  const counted = body.subarray(0, 7)
  const padded = body.slice(7 + checkLength)
  const padding = counted[5] ?? 0
  if (body.length < 7 + checkLength || padding > padded.length) return undefined
  return {
    counted,
    counter: Counter.decode(counted.subarray(0, 5)),
    padding,
    statusOctet: counted.slice(6, 7),
    check: body.slice(7, 7 + checkLength),
    padded,
    data: padded.slice(0, padded.length - padding),
  }
}

export const readStatus = (octet: Uint8Array): ResponseStatus => Status.decode(octet)
