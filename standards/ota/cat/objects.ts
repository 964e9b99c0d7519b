/** Data objects of the card application toolkit. ETSI TS 102 223 §8, TS 101 220 §7.2; 3GPP TS 31.111 §8. */
import { byte, type Codec, concat, mapped, octets, oneOf, TlvError, unsigned } from '@mobile-jpki/tlv'
import { swapped, unswapped } from '../sms/address.ts'

/** Tags as we write them, with the mark where TS 102 223 asks for it. */
export const objectTags = {
  commandDetails: 0x81,
  deviceIdentities: 0x82,
  result: 0x83,
  duration: 0x84,
  alphaIdentifier: 0x05,
  address: 0x06,
  tpdu: 0x8b,
  eventList: 0x99,
  timerIdentifier: 0xa4,
  timerValue: 0xa5,
  bearerDescription: 0xb5,
  channelData: 0xb6,
  channelDataLength: 0xb7,
  channelStatus: 0xb8,
  bufferSize: 0xb9,
  transportLevel: 0xbc,
  otherAddress: 0xbe,
  networkAccessName: 0x47,
} as const

/** §8.7. */
export const devices = {
  keypad: 0x01,
  display: 0x02,
  earpiece: 0x03,
  channel1: 0x21,
  channel2: 0x22,
  channel3: 0x23,
  channel4: 0x24,
  channel5: 0x25,
  channel6: 0x26,
  channel7: 0x27,
  uicc: 0x81,
  terminal: 0x82,
  network: 0x83,
} as const
export type Device = keyof typeof devices
export type ChannelDevice = Extract<Device, `channel${number}`>

const Device = oneOf(devices)
/** The device that stands for a channel, 1 to 7. */
export const channelDevice = (channel: number): ChannelDevice =>
  Device.decode(Uint8Array.of(0x20 + channel)) as ChannelDevice
/** The channel that a device stands for; undefined where it stands for none. */
export const channelOf = (device: Device): number | undefined => {
  const number = devices[device] - 0x20
  return number >= 1 && number <= 7 ? number : undefined
}

export interface DeviceIdentities {
  readonly source: Device
  readonly destination: Device
}
export const DeviceIdentities: Codec<DeviceIdentities> = {
  encode: ({ source, destination }) => concat(Device.encode(source), Device.encode(destination)),
  decode: (value) => {
    const two = octets(2).decode(value)
    return { source: Device.decode(two.subarray(0, 1)), destination: Device.decode(two.subarray(1)) }
  },
  show: ({ source, destination }) => `${source} → ${destination}`,
}

/** §9.4: the proactive commands that we send or understand. */
export const commandTypes = {
  refresh: 0x01,
  moreTime: 0x02,
  pollInterval: 0x03,
  setUpEventList: 0x05,
  sendShortMessage: 0x13,
  timerManagement: 0x27,
  openChannel: 0x40,
  closeChannel: 0x41,
  receiveData: 0x42,
  sendData: 0x43,
  getChannelStatus: 0x44,
} as const
export type CommandType = keyof typeof commandTypes
export const CommandType = oneOf(commandTypes)

/** §8.6. */
export interface CommandDetails {
  readonly number: number
  readonly type: CommandType
  readonly qualifier: number
}
export const CommandDetails: Codec<CommandDetails> = {
  encode: ({ number, type, qualifier }) =>
    concat(byte.encode(number), CommandType.encode(type), byte.encode(qualifier)),
  decode: (value) => {
    const three = octets(3).decode(value)
    return {
      number: three[0] ?? 0,
      type: CommandType.decode(three.subarray(1, 2)),
      qualifier: three[2] ?? 0,
    }
  },
  show: ({ number, type }) => `${type} (${number})`,
}

/** General results, §8.12: 0x and 1x done, 2x worth another try, 3x not. */
export const results = {
  performed: 0x00,
  partialComprehension: 0x01,
  missingInformation: 0x02,
  performedWithModification: 0x07,
  sessionTerminatedByUser: 0x10,
  terminalUnable: 0x20,
  networkUnable: 0x21,
  userDidNotAccept: 0x22,
  beyondTerminal: 0x30,
  typeNotUnderstood: 0x31,
  dataNotUnderstood: 0x32,
  numberNotKnown: 0x33,
  valuesMissing: 0x36,
  bearerError: 0x3a,
} as const
export type GeneralResult = keyof typeof results
const GeneralResult = oneOf(results)

/** Additional information to `bearerError`. §8.12.11. */
export const bearerErrors = {
  noSpecificCause: 0x00,
  noChannelAvailable: 0x01,
  channelClosed: 0x02,
  channelNotValid: 0x03,
  bufferSizeNotAvailable: 0x04,
  securityError: 0x05,
  transportLevelNotAvailable: 0x06,
  remoteDeviceNotReachable: 0x07,
  serviceError: 0x08,
  serviceUnknown: 0x09,
  portNotAvailable: 0x10,
  launchParametersMissing: 0x11,
  applicationLaunchFailed: 0x12,
} as const
export type BearerErrorName = keyof typeof bearerErrors

export interface CommandResult {
  readonly general: GeneralResult
  readonly additional?: Uint8Array
}
export const CommandResult: Codec<CommandResult> = {
  encode: ({ general, additional }) => concat(GeneralResult.encode(general), additional ?? new Uint8Array()),
  decode: (value) => ({
    general: GeneralResult.decode(value.subarray(0, 1)),
    ...(value.length > 1 && { additional: value.slice(1) }),
  }),
  show: ({ general, additional }) => `${general}${additional === undefined ? '' : ` ${additional.toHex()}`}`,
}
export const done: CommandResult = { general: 'performed' }
export const bearerError = (name: BearerErrorName): CommandResult => ({
  general: 'bearerError',
  additional: Uint8Array.of(bearerErrors[name]),
})
/** Whether the terminal did it. */
export const isPerformed = ({ general }: CommandResult): boolean => results[general] < 0x10

/** §8.25. */
export const events = {
  userActivity: 0x04,
  locationStatus: 0x03,
  dataAvailable: 0x09,
  channelStatus: 0x0a,
} as const
export type Event = keyof typeof events
const Event = oneOf(events)
export const EventList: Codec<readonly Event[]> = {
  encode: (list) => concat(...list.map((event) => Event.encode(event))),
  decode: (value) => Array.from(value, (octet) => Event.decode(Uint8Array.of(octet))),
  show: (list) => list.join(', ') || 'none',
}

/** §8.8, of MORE TIME's relative POLL INTERVAL and of OPEN CHANNEL. */
export const timeUnits = { minutes: 0, seconds: 1, tenths: 2 } as const
export interface Duration {
  readonly unit: keyof typeof timeUnits
  readonly interval: number
}
const TimeUnit = oneOf(timeUnits)
export const Duration: Codec<Duration> = {
  encode: ({ unit, interval }) => concat(TimeUnit.encode(unit), byte.encode(interval)),
  decode: (value) => ({
    unit: TimeUnit.decode(value.subarray(0, 1)),
    interval: byte.decode(value.subarray(1)),
  }),
  show: ({ unit, interval }) => `${interval} ${unit}`,
}

/** §8.38: hours, minutes, seconds in swapped BCD; here as seconds. */
export const TimerValue: Codec<number> = mapped(
  octets(3),
  (value) => [...value].reduce((sum, octet) => sum * 60 + unswapped(octet), 0),
  (seconds) => {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds >= 100 * 3600)
      throw new TlvError('a timer of under 100 hours')
    return Uint8Array.from([seconds / 3600, (seconds % 3600) / 60, seconds % 60], (part) => swapped(Math.floor(part)))
  },
)

/** §8.37: timers 1 to 8. */
export const TimerIdentifier: Codec<number> = mapped(
  byte,
  (number) => {
    if (number < 1 || number > 8) throw new TlvError('timers are 1 to 8')
    return number
  },
  (number: number) => number,
)

/** §8.55, §8.54, §8.57: numbers. A length of FF says that there are more than 254 octets. */
export const BufferSize = unsigned(2)
export const ChannelDataLength = byte
