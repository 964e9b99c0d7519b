/** Data objects of the bearer independent protocol (BIP). ETSI TS 102 223 §8.52, §8.56, §8.58, §8.59, §8.70. */
import { byte, type Codec, concat, mapped, octets, oneOf, TlvError, unsigned } from '@mobile-jpki/tlv'

/** §8.52: the bearer, and its parameters, if it has any. */
export const bearerTypes = { csd: 0x01, packet: 0x02, terminalDefault: 0x03, utranPacket: 0x0b } as const
export interface BearerDescription {
  readonly type: keyof typeof bearerTypes
  readonly parameters: Uint8Array
}
const BearerType = oneOf(bearerTypes)
export const BearerDescription: Codec<BearerDescription> = {
  encode: ({ type, parameters }) => concat(BearerType.encode(type), parameters),
  decode: (value) => ({ type: BearerType.decode(value.subarray(0, 1)), parameters: value.slice(1) }),
  show: ({ type }) => type,
}
export const terminalsOwnBearer: BearerDescription = { type: 'terminalDefault', parameters: new Uint8Array() }

/** §8.59: what the terminal speaks towards the network, and the port. */
export const transports = { udpClient: 0x01, tcpClient: 0x02, tcpServer: 0x03 } as const
export interface TransportLevel {
  readonly protocol: keyof typeof transports
  readonly port: number
}
const Transport = oneOf(transports)
const Port = unsigned(2)
export const TransportLevel: Codec<TransportLevel> = {
  encode: ({ protocol, port }) => concat(Transport.encode(protocol), Port.encode(port)),
  decode: (value) => ({
    protocol: Transport.decode(value.subarray(0, 1)),
    port: Port.decode(value.subarray(1)),
  }),
  show: ({ protocol, port }) => `${protocol} ${port}`,
}

/** §8.58: an IPv4 or IPv6 address, in text. */
export const OtherAddress: Codec<string> = {
  encode: (text) =>
    text.includes(':') ? concat(Uint8Array.of(0x57), writeIpv6(text)) : concat(Uint8Array.of(0x21), writeIpv4(text)),
  decode: (value) => {
    const [type] = value
    if (type === 0x21) return octets(4).decode(value.subarray(1)).join('.')
    if (type !== 0x57) throw new TlvError('this type of address is not supported')
    const words = octets(16).decode(value.subarray(1)).toHex().match(/.{4}/g) ?? []
    return words.map((word) => Number.parseInt(word, 16).toString(16)).join(':')
  },
  show: (text) => text,
}

function writeIpv4(text: string): Uint8Array {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    throw new TlvError('not an IPv4 address')
  return Uint8Array.from(parts, Number)
}

function writeIpv6(text: string): Uint8Array {
  const [left = '', right, more] = text.split('::')
  const words = (side: string) => (side === '' ? [] : side.split(':'))
  const before = words(left)
  const after = words(right ?? '')
  const missing = 8 - before.length - after.length
  const all = [...before, ...Array.from({ length: right === undefined ? 0 : missing }, () => '0'), ...after]
  if (more !== undefined || all.length !== 8 || !all.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)))
    throw new TlvError('not an IPv6 address')
  return Uint8Array.fromHex(all.map((word) => word.padStart(4, '0')).join(''))
}

/** §8.70: labels with their lengths before them, `internet.example`. */
export const NetworkAccessName: Codec<string> = {
  encode: (name) =>
    octets({ max: 100 }).encode(
      concat(
        ...name.split('.').map((label) => {
          if (!/^[A-Za-z0-9-]{1,63}$/.test(label)) throw new TlvError('not a network access name')
          return concat(byte.encode(label.length), new TextEncoder().encode(label))
        }),
      ),
    ),
  decode: (value) => {
    const labels: string[] = []
    for (let at = 0; at < value.length; ) {
      const end = at + 1 + (value[at] ?? 0)
      const label = String.fromCharCode(...value.subarray(at + 1, end))
      if (end > value.length || !/^[A-Za-z0-9-]{1,63}$/.test(label)) throw new TlvError('not a network access name')
      labels.push(label)
      at = end
    }
    return labels.join('.')
  },
  show: (name) => name,
}

/** §8.56: which channel, whether its link is established, and what happened to it. */
export interface ChannelStatus {
  /** 0 where no channel is available. */
  readonly channel: number
  readonly link: 'established' | 'notEstablished'
  readonly further: 'none' | 'dropped'
}
export const ChannelStatus: Codec<ChannelStatus> = {
  ...mapped(
    octets(2),
    ([first = 0, second = 0]): ChannelStatus => {
      if (second !== 0x00 && second !== 0x05) throw new TlvError('this channel status is not known')
      return {
        channel: first & 0x07,
        link: (first & 0x80) !== 0 ? 'established' : 'notEstablished',
        further: second === 0x05 ? 'dropped' : 'none',
      }
    },
    ({ channel, link, further }: ChannelStatus) => {
      if (!Number.isInteger(channel) || channel < 0 || channel > 7) throw new TlvError('channels are 1 to 7')
      return Uint8Array.of(channel | (link === 'established' ? 0x80 : 0), further === 'dropped' ? 0x05 : 0x00)
    },
  ),
  show: ({ channel, link, further }) => `channel ${channel} ${link}${further === 'dropped' ? ', link dropped' : ''}`,
}
