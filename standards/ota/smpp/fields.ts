/** Fields of SMPP PDUs: integers, C-octet strings, octet strings behind their length. SMPP v3.4 §3.1. */
import { concat, TlvError } from '@mobile-jpki/tlv'

/** A place in a body. */
export interface Cursor {
  readonly octets: Uint8Array
  at: number
}

export interface BodyField<T> {
  write(value: T): Uint8Array
  read(cursor: Cursor): T
  /** Printed as a mark: a password. */
  readonly secret?: boolean
}

export function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length
  if (end > cursor.octets.length) throw new TlvError('the PDU is cut short')
  const taken = cursor.octets.slice(cursor.at, end)
  cursor.at = end
  return taken
}

/** An octet. */
export const integer: BodyField<number> = {
  write: (value) => {
    if (!Number.isInteger(value) || value < 0 || value > 0xff) throw new TlvError(`${value} is not an octet`)
    return Uint8Array.of(value)
  },
  read: (cursor) => take(cursor, 1)[0] ?? 0,
}

/** A C-octet string: ASCII with a NULL behind it, which `max` counts. */
export const cString = (max: number): BodyField<string> => ({
  write: (value) => {
    const text = new TextEncoder().encode(value)
    if (text.length >= max || text.some((octet) => octet === 0 || octet > 0x7f))
      throw new TlvError(`not ASCII of at most ${max - 1} characters`)
    return concat(text, Uint8Array.of(0))
  },
  read: (cursor) => {
    const end = cursor.octets.indexOf(0, cursor.at)
    if (end < 0) throw new TlvError('a C-octet string does not end')
    if (end - cursor.at >= max) throw new TlvError(`a C-octet string is longer than ${max} octets`)
    const text = take(cursor, end - cursor.at)
    cursor.at++
    if (text.some((octet) => octet > 0x7f)) throw new TlvError('a C-octet string is not ASCII')
    return String.fromCharCode(...text)
  },
})

export const secretField = <T>(field: BodyField<T>): BodyField<T> => ({ ...field, secret: true })

/** sm_length and short_message. §5.2.21, §5.2.22. */
export const shortMessage: BodyField<Uint8Array> = {
  write: (value) => {
    if (value.length > 254) throw new TlvError('a short message has at most 254 octets')
    return concat(Uint8Array.of(value.length), value)
  },
  read: (cursor) => {
    const length = integer.read(cursor)
    if (length > 254) throw new TlvError('a short message has at most 254 octets')
    return take(cursor, length)
  },
}

/** Type of number, numbering plan and digits. §5.2.5–5.2.9. */
export interface SmppAddress {
  readonly ton: number
  readonly npi: number
  readonly digits: string
}
const digits = cString(21)
export const address: BodyField<SmppAddress> = {
  write: ({ ton, npi, digits: text }) => concat(integer.write(ton), integer.write(npi), digits.write(text)),
  read: (cursor) => ({ ton: integer.read(cursor), npi: integer.read(cursor), digits: digits.read(cursor) }),
}
/** A number with its country code: E.164. */
export const international = (digitsOf: string): SmppAddress => ({ ton: 0x01, npi: 0x01, digits: digitsOf })

/** esm_class, §5.2.12. */
export interface EsmClass {
  /** b1–b0, from an ESME: how the centre shall deliver. 0 as it usually does. */
  readonly mode: number
  readonly type: 'message' | 'deliveryReceipt' | 'deliveryAcknowledgement' | 'userAcknowledgement'
  /** UDHI: the short message begins with a user data header. */
  readonly header: boolean
}
const types = {
  message: 0x00,
  deliveryReceipt: 0x04,
  deliveryAcknowledgement: 0x08,
  userAcknowledgement: 0x10,
} as const
export const esmClass: BodyField<EsmClass> = {
  write: ({ mode, type, header }) => integer.write((mode & 0x03) | types[type] | (header ? 0x40 : 0)),
  read: (cursor) => {
    const octet = integer.read(cursor)
    const found = Object.entries(types).find(([, bits]) => bits === (octet & 0x3c))
    if (found === undefined) throw new TlvError('this type of message is not supported')
    return { mode: octet & 0x03, type: found[0] as EsmClass['type'], header: (octet & 0x40) !== 0 }
  },
}
/** Data for a card: a message with a user data header. */
export const cardData: EsmClass = { mode: 0, type: 'message', header: true }

export type BodyFields = Readonly<Record<string, BodyField<unknown>>>
type FieldValue<F> = F extends BodyField<infer T> ? T : never
export type BodyOf<F extends BodyFields> = { readonly [K in keyof F]: FieldValue<F[K]> }

export const writeBody = (fields: BodyFields, values: object): Uint8Array =>
  concat(...Object.entries(fields).map(([name, field]) => field.write(Reflect.get(values, name))))

/** Reads the fields, then passes over optional parameters, which must be whole. §3.2.4. */
export function readBody(fields: BodyFields, octets: Uint8Array): Readonly<Record<string, unknown>> {
  const cursor: Cursor = { octets, at: 0 }
  const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.read(cursor)]))
  while (cursor.at < octets.length) {
    take(cursor, 2)
    const [high = 0, low = 0] = take(cursor, 2)
    take(cursor, (high << 8) | low)
  }
  return values
}
