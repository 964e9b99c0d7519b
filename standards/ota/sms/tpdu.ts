/** SMS-DELIVER, SMS-SUBMIT and SMS-DELIVER-REPORT with 8-bit user data behind a header. 3GPP TS 23.040 §9.2.2. */
import { byte, type Codec, concat, octets, TlvError } from '@mobile-jpki/tlv'
import { type Address, readAddress, TimeStamp, writeAddress } from './address.ts'
import { longestUserData, UserData } from './user-data.ts'

/** TP-PID 7F: the message is data for the (U)SIM. §9.2.3.9. */
export const pidSimDataDownload = 0x7f
/** TP-DCS F6: 8-bit data of class 2, which goes to the (U)SIM. TS 23.038 §4. */
export const dcsEightBitClass2 = 0xf6
/** TP-FCS, §9.2.3.22: why a message was not taken. */
export const failureCauses = { simToolkitBusy: 0xd4, dataDownloadError: 0xd5, unspecified: 0xff } as const

export interface SmsDeliver {
  /** TP-MMS: more messages wait at the centre. */
  readonly moreMessages: boolean
  readonly originator: Address
  readonly pid: number
  readonly dcs: number
  readonly timeStamp: TimeStamp
  readonly userData: UserData
}

/** First octet: TP-MTI 00, TP-MMS inverted, TP-UDHI. */
export const SmsDeliver: Codec<SmsDeliver> = {
  encode: ({ moreMessages, originator, pid, dcs, timeStamp, userData }) =>
    concat(
      byte.encode(0x40 | (moreMessages ? 0 : 0x04)),
      writeAddress(originator),
      byte.encode(pid),
      byte.encode(dcs),
      TimeStamp.encode(timeStamp),
      writeUserData(userData),
    ),
  decode: (tpdu) => {
    const first = firstOctet(tpdu, 0x00, 'SMS-DELIVER')
    const { address: originator, end } = readAddress(tpdu, 1)
    return {
      moreMessages: (first & 0x04) === 0,
      originator,
      pid: byte.decode(tpdu.subarray(end, end + 1)),
      dcs: eightBit(byte.decode(tpdu.subarray(end + 1, end + 2))),
      timeStamp: TimeStamp.decode(tpdu.subarray(end + 2, end + 9)),
      userData: readUserData(tpdu, end + 9, longestUserData),
    }
  },
  show: ({ originator, userData }) => `SMS-DELIVER from ${originator.digits}, ${UserData.show?.(userData)}`,
}

export interface SmsSubmit {
  /** TP-MR. */
  readonly reference: number
  readonly destination: Address
  readonly pid: number
  readonly dcs: number
  /** TP-VP in the relative format, one octet. */
  readonly validity?: number
  readonly userData: UserData
}

/** First octet: TP-MTI 01, TP-VPF none or relative, TP-UDHI. */
export const SmsSubmit: Codec<SmsSubmit> = {
  encode: ({ reference, destination, pid, dcs, validity, userData }) =>
    concat(
      byte.encode(0x41 | (validity === undefined ? 0 : 0x10)),
      byte.encode(reference),
      writeAddress(destination),
      byte.encode(pid),
      byte.encode(dcs),
      validity === undefined ? new Uint8Array() : byte.encode(validity),
      writeUserData(userData),
    ),
  decode: (tpdu) => {
    const first = firstOctet(tpdu, 0x01, 'SMS-SUBMIT')
    const format = first & 0x18
    if (format !== 0x00 && format !== 0x10) throw new TlvError('this validity period format is not supported')
    const { address: destination, end } = readAddress(tpdu, 2)
    const at = end + 2
    return {
      reference: byte.decode(tpdu.subarray(1, 2)),
      destination,
      pid: byte.decode(tpdu.subarray(end, end + 1)),
      dcs: eightBit(byte.decode(tpdu.subarray(end + 1, at))),
      ...(format === 0x10 && { validity: byte.decode(tpdu.subarray(at, at + 1)) }),
      userData: readUserData(tpdu, format === 0x10 ? at + 1 : at, longestUserData),
    }
  },
  show: ({ destination, userData }) => `SMS-SUBMIT to ${destination.digits}, ${UserData.show?.(userData)}`,
}

/** A delivery report: an RP-ACK's, or with a cause an RP-ERROR's. Its user data are what the card answered. TS 31.111 §7.1.1. */
export interface DeliverReport {
  readonly failureCause?: number
  readonly userData?: UserData
}

/** TP-UD of a report holds 159 octets, 158 beside a cause. §9.2.2.1a. */
export const longestReport = 158

/** TP-PI: TP-PID, TP-DCS and TP-UDL follow. */
const allParameters = 0x07

/**
 * TP-MTI 00 as in SMS-DELIVER, told apart by its direction. A second octet from 80 on is TP-FCS; as no extension of TP-PI is
 * defined, TP-PI stays below. §9.2.2.1a, §9.2.3.27.
 */
export const DeliverReport: Codec<DeliverReport> = {
  encode: ({ failureCause, userData }) =>
    concat(
      byte.encode(userData === undefined ? 0 : 0x40),
      failureCause === undefined ? new Uint8Array() : byte.encode(0x80 | failureCause),
      userData === undefined
        ? byte.encode(0)
        : concat(
            Uint8Array.of(allParameters, pidSimDataDownload, dcsEightBitClass2),
            writeUserData(userData, longestReport),
          ),
    ),
  decode: (tpdu) => {
    const first = byte.decode(tpdu.subarray(0, 1))
    if ((first & 0x03) !== 0) throw new TlvError('not an SMS-DELIVER-REPORT')
    const failureCause = (tpdu[1] ?? 0) >= 0x80 ? tpdu[1] : undefined
    const at = failureCause === undefined ? 1 : 2
    const parameters = byte.decode(tpdu.subarray(at, at + 1))
    if ((parameters & ~allParameters) !== 0) throw new TlvError('this TP-PI is not supported')
    const cause = failureCause === undefined ? {} : { failureCause }
    const data = at + 1 + (parameters & 0x01) + ((parameters >>> 1) & 0x01)
    if ((parameters & 0x04) === 0) {
      if (tpdu.length !== data) throw new TlvError('more after the report')
      return cause
    }
    if ((first & 0x40) === 0) throw new TlvError('user data without a header are not supported')
    return { ...cause, userData: readUserData(tpdu, data, longestReport) }
  },
  show: ({ failureCause, userData }) =>
    [
      failureCause === undefined ? 'taken' : `not taken, cause ${byte.encode(failureCause).toHex()}`,
      ...(userData === undefined ? [] : [`${UserData.show?.(userData)}`]),
    ].join(', '),
}

function firstOctet(tpdu: Uint8Array, type: number, name: string): number {
  const first = byte.decode(tpdu.subarray(0, 1))
  if ((first & 0x03) !== type) throw new TlvError(`not an ${name}`)
  if ((first & 0x40) === 0) throw new TlvError('user data without a header are not supported')
  return first
}

/** TP-UDL counts octets only where the data are 8-bit ones. TS 23.038 §4: coding groups 00xx, 01xx and F. */
function eightBit(dcs: number): number {
  const general = (dcs & 0x80) === 0 && (dcs & 0x2c) === 0x04
  const classed = (dcs & 0xf4) === 0xf4
  if (!general && !classed) throw new TlvError('user data other than 8-bit data are not supported')
  return dcs
}

function writeUserData(userData: UserData, longest = longestUserData): Uint8Array {
  const written = octets({ max: longest }).encode(UserData.encode(userData))
  return concat(byte.encode(written.length), written)
}

function readUserData(tpdu: Uint8Array, at: number, longest: number): UserData {
  const length = byte.decode(tpdu.subarray(at, at + 1))
  if (tpdu.length !== at + 1 + length) throw new TlvError('TP-UDL is not the length of the user data')
  return UserData.decode(octets({ max: longest }).decode(tpdu.subarray(at + 1)))
}
