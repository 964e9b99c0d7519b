/** Addresses and time stamps of short messages. 3GPP TS 23.040 §9.1.2.3, §9.1.2.5, §9.2.3.11; TS 24.011 §8.2.5.1. */
import { byte, type Codec, concat, octets, TlvError } from '@mobile-jpki/tlv'

/** Type of number. */
export const numberTypes = { unknown: 0, international: 1, national: 2, networkSpecific: 3, subscriber: 4 } as const
export type NumberType = keyof typeof numberTypes

/** A telephone number of the ISDN numbering plan: digits, `*` and `#`. */
export interface Address {
  readonly type: NumberType
  readonly digits: string
}

/** TS 23.040 §9.1.2.3: BCD with `*` and `#` as A and B, halves of an octet swapped, an odd last one filled with F. */
const symbols = '0123456789*#'

export const SwappedDigits: Codec<string> = {
  encode: (digits) => {
    const values = Array.from(digits, (digit) => symbols.indexOf(digit))
    if (values.includes(-1)) throw new TlvError('not the digits of an address')
    const whole = Uint8Array.from({ length: Math.ceil(values.length / 2) })
    return whole.map((_, at) => (values[2 * at] ?? 0) | ((values[2 * at + 1] ?? 0x0f) << 4))
  },
  decode: (value) => {
    const halves = [...value].flatMap((octet) => [octet & 0x0f, octet >>> 4])
    if (halves.at(-1) === 0x0f) halves.pop()
    return halves
      .map((half) => {
        const digit = symbols[half]
        if (digit === undefined) throw new TlvError('not the digits of an address')
        return digit
      })
      .join('')
  },
}

/** Extension bit set, numbering plan 1 (E.164). */
const ton = (type: NumberType): number => 0x81 | (numberTypes[type] << 4)

function readTon(octet: number): NumberType {
  const found = Object.entries(numberTypes).find(([, value]) => value === ((octet >>> 4) & 0x07))
  if ((octet & 0x80) === 0 || found === undefined) throw new TlvError('this type of number is not supported')
  if ((octet & 0x0f) > 1) throw new TlvError('this numbering plan is not supported')
  return found[0] as NumberType
}

/** Type of number and digits, as in COMPREHENSION-TLV 'Address' (TS 102 223 §8.1) and RP addresses. */
export const AddressValue: Codec<Address> = {
  encode: ({ type, digits }) => concat(Uint8Array.of(ton(type)), SwappedDigits.encode(digits)),
  decode: (value) => {
    if (value.length < 1) throw new TlvError('the address is empty')
    return { type: readTon(value[0] ?? 0), digits: SwappedDigits.decode(value.subarray(1)) }
  },
  show: ({ type, digits }) => (type === 'international' ? `+${digits}` : digits),
}

/** TP address: its length counts digits. At most 20. Reads from `at`; `end` is where the next field begins. */
export function readAddress(tpdu: Uint8Array, at: number): { readonly address: Address; readonly end: number } {
  const count = tpdu[at] ?? 0
  const end = at + 2 + Math.ceil(count / 2)
  if (count > 20 || end > tpdu.length) throw new TlvError('the address is cut short')
  const address = AddressValue.decode(tpdu.subarray(at + 1, end))
  if (address.digits.length !== count) throw new TlvError('the address has another number of digits than it says')
  return { address, end }
}

export function writeAddress(address: Address): Uint8Array {
  if (address.digits.length > 20) throw new TlvError('an address has at most 20 digits')
  return concat(byte.encode(address.digits.length), AddressValue.encode(address))
}

/** TP-SCTS. Two digits of the year; the offset counts quarters of an hour. */
export interface TimeStamp {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly quarters: number
}

/** Two decimal digits in an octet, the second one first. §9.1.2.3 */
export const swapped = (value: number): number => {
  if (!Number.isInteger(value) || value < 0 || value > 99) throw new TlvError(`${value} has not two decimal digits`)
  return ((value % 10) << 4) | Math.floor(value / 10)
}
export const unswapped = (octet: number): number => {
  if ((octet & 0x0f) > 9 || octet >>> 4 > 9) throw new TlvError('not two decimal digits')
  return (octet & 0x0f) * 10 + (octet >>> 4)
}

export const TimeStamp: Codec<TimeStamp> = {
  encode: ({ year, month, day, hour, minute, second, quarters }) => {
    const zone = swapped(Math.abs(quarters)) | (quarters < 0 ? 0x08 : 0)
    return Uint8Array.of(...[year, month, day, hour, minute, second].map(swapped), zone)
  },
  decode: (value) => {
    const digits = octets(7).decode(value)
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [...digits.subarray(0, 6)].map(unswapped)
    const zone = digits[6] ?? 0
    const quarters = unswapped(zone & 0xf7)
    return { year, month, day, hour, minute, second, quarters: (zone & 0x08) !== 0 ? -quarters : quarters }
  },
}

/** A moment in UTC. */
export const timeStampOf = (moment: Date): TimeStamp => ({
  year: moment.getUTCFullYear() % 100,
  month: moment.getUTCMonth() + 1,
  day: moment.getUTCDate(),
  hour: moment.getUTCHours(),
  minute: moment.getUTCMinutes(),
  second: moment.getUTCSeconds(),
  quarters: 0,
})
