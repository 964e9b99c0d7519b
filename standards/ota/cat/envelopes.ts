/** What a terminal tells the card by ENVELOPE: a message for it, data that came, a channel that changed. ETSI TS 102 223 §7, 3GPP TS 31.111 §7.1.1. */
import {
  type Codec,
  octets,
  optional,
  readTlvs,
  required,
  TlvError,
  type TypeOf,
  within,
  writeTlv,
} from '@mobile-jpki/tlv'
import { AddressValue } from '../sms/address.ts'
import { ChannelStatus } from './bearer.ts'
import { comprehension } from './comprehension.ts'
import { ChannelDataLength, DeviceIdentities, EventList, objectTags, TimerIdentifier, TimerValue } from './objects.ts'

/** Data object D1: an SMS-DELIVER as it came, with the service centre's address. TS 31.111 §7.1.1.2. */
const SmsDownload = comprehension({
  devices: required(objectTags.deviceIdentities, DeviceIdentities),
  serviceCentre: optional(objectTags.address, AddressValue),
  tpdu: required(objectTags.tpdu, octets({ min: 1, max: 0xff })),
})

/** Data object D6. Data available has a length, §7.5.10; either event has the channel's status, §7.5.11. */
const EventDownload = comprehension({
  events: required(objectTags.eventList, EventList),
  devices: required(objectTags.deviceIdentities, DeviceIdentities),
  status: optional(objectTags.channelStatus, ChannelStatus),
  length: optional(objectTags.channelDataLength, ChannelDataLength),
})

/** Data object D7, §7.4. */
const TimerExpiration = comprehension({
  devices: required(objectTags.deviceIdentities, DeviceIdentities),
  timer: required(objectTags.timerIdentifier, TimerIdentifier),
  value: required(objectTags.timerValue, TimerValue),
})

type SmsDownload = TypeOf<typeof SmsDownload>
export type Envelope =
  | ({ readonly kind: 'smsDownload' } & SmsDownload)
  | {
      readonly kind: 'dataAvailable'
      readonly status: ChannelStatus
      /** FF: more than 254 octets wait. */
      readonly length: number
    }
  | { readonly kind: 'channelStatus'; readonly status: ChannelStatus }
  | { readonly kind: 'timerExpiration'; readonly timer: number; readonly value: number }

/** Data field of ENVELOPE. */
export const Envelope: Codec<Envelope> = {
  encode: (envelope) => {
    if (envelope.kind === 'smsDownload') return writeTlv(0xd1, SmsDownload.encode(envelope))
    const devices = { source: 'terminal', destination: 'uicc' } as const
    if (envelope.kind === 'timerExpiration') return writeTlv(0xd7, TimerExpiration.encode({ ...envelope, devices }))
    return writeTlv(0xd6, EventDownload.encode({ ...envelope, events: [envelope.kind], devices }))
  },
  decode: (octets) => {
    const [outer, ...more] = readTlvs(octets)
    if (outer === undefined || more.length > 0) throw new TlvError('an envelope is one data object')
    if (outer.tag === 0xd1)
      return { kind: 'smsDownload', ...within('SMS-PP download', () => SmsDownload.decode(outer.value)) }
    if (outer.tag === 0xd7) {
      const { timer, value } = within('timer expiration', () => TimerExpiration.decode(outer.value))
      return { kind: 'timerExpiration', timer, value }
    }
    if (outer.tag !== 0xd6) throw new TlvError('this envelope is not supported')
    const { events, status, length } = within('event download', () => EventDownload.decode(outer.value))
    const [kind, another] = events
    if (another !== undefined || status === undefined) throw new TlvError('one event, and the channel’s status')
    if (kind === 'channelStatus') return { kind, status }
    if (kind === 'dataAvailable' && length !== undefined) return { kind, status, length }
    throw new TlvError('this event is not supported')
  },
  show: (envelope) =>
    envelope.kind === 'smsDownload'
      ? (SmsDownload.show?.(envelope) ?? '')
      : envelope.kind === 'timerExpiration'
        ? `timer ${envelope.timer} after ${envelope.value} s`
        : `${envelope.kind}: ${ChannelStatus.show?.(envelope.status)}`,
}

/** The network hands a message to the card. TS 31.111 §7.1.1.2. */
export const smsDownload = (tpdu: Uint8Array, serviceCentre?: TypeOf<typeof AddressValue>): Envelope => ({
  kind: 'smsDownload',
  devices: { source: 'network', destination: 'uicc' },
  ...(serviceCentre !== undefined && { serviceCentre }),
  tpdu,
})
