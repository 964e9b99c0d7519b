/** The PDUs of a message centre (SMSC) and of what is connected to it (ESME). SMPP v3.4 §4, §5.1. */
import { concat, secretMark, TlvError } from '@mobile-jpki/tlv'
import {
  address,
  type BodyFields,
  type BodyOf,
  cardData,
  cString,
  esmClass,
  integer,
  readBody,
  secretField,
  shortMessage,
  writeBody,
} from './fields.ts'
import { type Status, statuses, statusNames } from './status.ts'

/** §4.4.1, §4.6.1: submit_sm and deliver_sm have the same fields. */
const message = {
  serviceType: cString(6),
  source: address,
  destination: address,
  esmClass,
  protocolId: integer,
  priority: integer,
  scheduleDeliveryTime: cString(17),
  validityPeriod: cString(17),
  registeredDelivery: integer,
  replaceIfPresent: integer,
  dataCoding: integer,
  defaultMessageId: integer,
  shortMessage,
} as const satisfies BodyFields

/** §4.1.5: both directions at once. */
const bind = {
  systemId: cString(16),
  password: secretField(cString(9)),
  systemType: cString(13),
  interfaceVersion: integer,
  addressTon: integer,
  addressNpi: integer,
  addressRange: cString(41),
} as const satisfies BodyFields

const messageId = { messageId: cString(65) } as const
const nothing = {} as const

/** command_id, §5.1.2.1, with the fields of the body. */
const commands = {
  genericNack: { id: 0x80000000, fields: nothing },
  submitSm: { id: 0x00000004, fields: message },
  submitSmResp: { id: 0x80000004, fields: messageId },
  deliverSm: { id: 0x00000005, fields: message },
  deliverSmResp: { id: 0x80000005, fields: messageId },
  unbind: { id: 0x00000006, fields: nothing },
  unbindResp: { id: 0x80000006, fields: nothing },
  bindTransceiver: { id: 0x00000009, fields: bind },
  bindTransceiverResp: { id: 0x80000009, fields: { systemId: cString(16) } },
  enquireLink: { id: 0x00000015, fields: nothing },
  enquireLinkResp: { id: 0x80000015, fields: nothing },
} as const

type Commands = typeof commands
export type PduName = keyof Commands
export type PduBody<N extends PduName> = BodyOf<Commands[N]['fields']>

/** One PDU; `name` says which. */
export type Pdu = {
  [N in PduName]: {
    readonly name: N
    /** command_status: ok in every request. */
    readonly status: Status
    /** 1 to 7FFFFFFF; a response has that of its request. */
    readonly sequence: number
  } & PduBody<N>
}[PduName]
export type PduNamed<N extends PduName> = Extract<Pdu, { readonly name: N }>

const byId = new Map<number, PduName>(Object.entries(commands).map(([name, { id }]) => [id, name as PduName]))
const isResponse = (name: PduName): boolean => commands[name].id >= 0x80000000

/** command_length, command_id, command_status, sequence_number. */
export const headerLength = 16

/** What was received is no PDU that we know; `status` and `sequence` go into the generic_nack. §4.3. */
export class SmppError extends Error {
  override readonly name = 'SmppError'
  readonly status: Status
  readonly sequence: number

  constructor(message: string, status: Status, sequence = 0, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.sequence = sequence
  }
}

export function encodePdu(pdu: Pdu): Uint8Array {
  const { id, fields } = commands[pdu.name]
  // §4.1.6, §4.4.2: a response that says no has no body.
  const body = isResponse(pdu.name) && pdu.status !== 'ok' ? new Uint8Array() : writeBody(fields, pdu)
  const header = new DataView(new ArrayBuffer(headerLength))
  const words = [headerLength + body.length, id, statuses[pdu.status], pdu.sequence]
  for (const [at, word] of words.entries()) header.setUint32(4 * at, word)
  return concat(new Uint8Array(header.buffer), body)
}

/** Reads one whole PDU, as `takeFrames` cuts it out of the stream. Optional parameters are passed over. */
export function decodePdu(frame: Uint8Array): Pdu {
  if (frame.length < headerLength) throw new SmppError('a PDU has at least 16 octets', 'invalidCommandLength')
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const sequence = view.getUint32(12)
  if (view.getUint32(0) !== frame.length) throw new SmppError('not one PDU', 'invalidCommandLength', sequence)
  const name = byId.get(view.getUint32(4))
  if (name === undefined) throw new SmppError('this command is not supported', 'invalidCommandId', sequence)
  const status = statusNames.get(view.getUint32(8)) ?? 'unknownError'
  const body = frame.subarray(headerLength)
  const { fields } = commands[name]
  const left = body.length === 0 && isResponse(name) && status !== 'ok'
  try {
    const values = left ? Object.fromEntries(Object.keys(fields).map((field) => [field, ''])) : readBody(fields, body)
    return { name, status, sequence, ...values } as Pdu
  } catch (error) {
    if (error instanceof TlvError)
      throw new SmppError(`${name}: ${error.message}`, 'invalidMessageLength', sequence, { cause: error })
    throw error
  }
}

/** One line for the trace, without the password and without what the message says. */
export function describePdu(pdu: Pdu): string {
  const { fields } = commands[pdu.name]
  const values = Object.entries<{ readonly secret?: boolean }>(fields).flatMap(([name, { secret }]) => {
    const value: unknown = Reflect.get(pdu, name)
    if (secret === true) return [`${name}: ${secretMark}`]
    if (value instanceof Uint8Array) return [`${name}: ${value.length} octets`]
    if (value === '' || value === 0) return []
    return [`${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`]
  })
  return [`${pdu.name} ${pdu.sequence}`, ...(pdu.status === 'ok' ? [] : [pdu.status]), ...values].join(', ')
}

/** The fields of a message for a card, or from it, that are the same in every one. */
export const cardMessage = {
  serviceType: '',
  esmClass: cardData,
  protocolId: 0x7f,
  priority: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresent: 0,
  dataCoding: 0xf6,
  defaultMessageId: 0,
} as const satisfies Partial<PduBody<'submitSm'>>
