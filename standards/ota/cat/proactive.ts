/** Proactive commands, what a card fetches to have the terminal do, and the terminal's responses. ETSI TS 102 223 §6.6, §6.8. */
import {
  type Codec,
  octets,
  optional,
  readTlvs,
  required,
  TlvError,
  type TypeOf,
  utf8,
  within,
  writeTlv,
} from '@mobile-jpki/tlv'
import { AddressValue } from '../sms/address.ts'
import { BearerDescription, ChannelStatus, NetworkAccessName, OtherAddress, TransportLevel } from './bearer.ts'
import { comprehension } from './comprehension.ts'
import {
  BufferSize,
  ChannelDataLength,
  CommandDetails,
  CommandResult,
  type CommandType,
  DeviceIdentities,
  Duration,
  EventList,
  objectTags,
  TimerIdentifier,
  TimerValue,
} from './objects.ts'

const head = {
  details: required(objectTags.commandDetails, CommandDetails),
  devices: required(objectTags.deviceIdentities, DeviceIdentities),
} as const

/** The channel data of one SEND DATA or RECEIVE DATA: what fits beside the other objects in 255 octets. */
export const longestChannelData = 237

/** Each command with the objects that it may hold. §6.6. */
const commands = {
  moreTime: comprehension(head),
  setUpEventList: comprehension({ ...head, events: required(objectTags.eventList, EventList) }),
  pollInterval: comprehension({ ...head, duration: required(objectTags.duration, Duration) }),
  /** §6.6.9, TS 31.111: qualifier 00, packing is not asked for. */
  sendShortMessage: comprehension({
    ...head,
    alphaIdentifier: optional(objectTags.alphaIdentifier, octets()),
    address: optional(objectTags.address, AddressValue),
    tpdu: required(objectTags.tpdu, octets({ max: 0xff })),
  }),
  /** §6.6.27.5, packet data service bearer with TCP or UDP. Qualifier 01: establish at once; 03: reconnect as well. */
  openChannel: comprehension({
    ...head,
    alphaIdentifier: optional(objectTags.alphaIdentifier, utf8()),
    bearer: required(objectTags.bearerDescription, BearerDescription),
    bufferSize: required(objectTags.bufferSize, BufferSize),
    networkAccessName: optional(objectTags.networkAccessName, NetworkAccessName),
    transport: optional(objectTags.transportLevel, TransportLevel),
    destination: optional(objectTags.otherAddress, OtherAddress),
  }),
  closeChannel: comprehension({ ...head, alphaIdentifier: optional(objectTags.alphaIdentifier, utf8()) }),
  receiveData: comprehension({
    ...head,
    alphaIdentifier: optional(objectTags.alphaIdentifier, utf8()),
    length: required(objectTags.channelDataLength, ChannelDataLength),
  }),
  /** Qualifier 01: at once; 00: keep it in the buffer until there is more. */
  sendData: comprehension({
    ...head,
    alphaIdentifier: optional(objectTags.alphaIdentifier, utf8()),
    data: required(objectTags.channelData, octets({ max: 0xff })),
  }),
  getChannelStatus: comprehension(head),
  /** §6.6.21. Qualifier 00 starts the timer, 01 deactivates it. */
  timerManagement: comprehension({
    ...head,
    timer: required(objectTags.timerIdentifier, TimerIdentifier),
    value: optional(objectTags.timerValue, TimerValue),
  }),
} as const

type Values = { [Name in keyof typeof commands]: (typeof commands)[Name] extends Codec<infer T> ? T : never }
type Flat<T> = { readonly [K in keyof T]: T[K] }
/** One proactive command; `details.type` says which. */
export type ProactiveCommand = {
  [Name in keyof Values]: Flat<
    Omit<Values[Name], 'details'> & { readonly details: CommandDetails & { readonly type: Name } }
  >
}[keyof Values]

const isKnown = (type: CommandType): type is keyof typeof commands => Object.hasOwn(commands, type)

/** Data object D0, what FETCH answers. §6.6, TS 101 220 §7.2. */
export const ProactiveCommand: Codec<ProactiveCommand> = {
  encode: (command) => writeTlv(0xd0, codecOf(command.details.type).encode(command)),
  decode: (octets) => {
    const [outer, ...more] = readTlvs(octets)
    if (outer?.tag !== 0xd0 || more.length > 0) throw new TlvError('not a proactive command')
    const { details } = comprehensionHead(outer.value)
    return within(details.type, () => codecOf(details.type).decode(outer.value)) as ProactiveCommand
  },
  show: (command) => `${command.details.type} ${codecOf(command.details.type).show?.(command) ?? ''}`,
}

function codecOf(type: CommandType): Codec<unknown> {
  if (!isKnown(type)) throw new TlvError(`${type} is not supported`)
  return commands[type]
}

/** Command details stand first, and are all that is needed to tell the command. §6.6. */
function comprehensionHead(value: Uint8Array): { readonly details: CommandDetails } {
  const length = value[1] ?? 0
  if (((value[0] ?? 0) & 0x7f) !== 0x01 || length !== 3) throw new TlvError('command details do not stand first')
  return { details: CommandDetails.decode(value.subarray(2, 5)) }
}

/** Data field of TERMINAL RESPONSE: the details of the command that is answered, the result, and what it brings. §6.8. */
export const TerminalResponseData = comprehension({
  ...head,
  result: required(objectTags.result, CommandResult),
  duration: optional(objectTags.duration, Duration),
  /** Data that RECEIVE DATA asked for. */
  data: optional(objectTags.channelData, octets({ max: 0xff })),
  /** Of RECEIVE DATA how many octets are left, of SEND DATA how many still fit. FF: more than 254. */
  length: optional(objectTags.channelDataLength, ChannelDataLength),
  status: optional(objectTags.channelStatus, ChannelStatus),
  bearer: optional(objectTags.bearerDescription, BearerDescription),
  bufferSize: optional(objectTags.bufferSize, BufferSize),
  timer: optional(objectTags.timerIdentifier, TimerIdentifier),
  timerValue: optional(objectTags.timerValue, TimerValue),
})
export type TerminalResponseData = TypeOf<typeof TerminalResponseData>
