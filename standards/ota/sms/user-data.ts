/** User data with its header: information elements, concatenation, packets for the card. 3GPP TS 23.040 §9.2.3.24; TS 31.115 §4.3. */
import { byte, type Codec, concat, sameOctets, TlvError } from '@mobile-jpki/tlv'

/** Information element identifiers. TS 23.040 §9.2.3.24. */
export const elementNames = {
  concatenated8: 0x00,
  concatenated16: 0x08,
  /** (U)SIM toolkit security header: a command packet, CPI. */
  commandPacket: 0x70,
  /** A response packet, RPI. */
  responsePacket: 0x71,
} as const

export interface InformationElement {
  readonly identifier: number
  readonly value: Uint8Array
}

/** Octets of 8-bit data that may follow a header. */
export interface UserData {
  readonly elements: readonly InformationElement[]
  readonly data: Uint8Array
}

/** TP-UD of SMS-DELIVER and SMS-SUBMIT holds 140 octets, header and all. §9.2.3.24. */
export const longestUserData = 140

/** What TP-UD is when TP-UDHI is set: UDHL, elements, data. Without elements there is no header. */
export const UserData: Codec<UserData> = {
  encode: ({ elements, data }) => {
    if (elements.length === 0) throw new TlvError('a user data header has at least one element')
    const header = concat(
      ...elements.map(({ identifier, value }) => concat(byte.encode(identifier), byte.encode(value.length), value)),
    )
    return concat(byte.encode(header.length), header, data)
  },
  decode: (value) => {
    const end = 1 + (value[0] ?? 0)
    if (end > value.length) throw new TlvError('the user data header is cut short')
    const elements: InformationElement[] = []
    for (let at = 1; at < end; ) {
      const next = at + 2 + (value[at + 1] ?? 0)
      if (next > end || at + 1 >= end) throw new TlvError('an information element is cut short')
      elements.push({ identifier: value[at] ?? 0, value: value.slice(at + 2, next) })
      at = next
    }
    return { elements, data: value.slice(end) }
  },
  show: ({ elements, data }) =>
    `elements ${elements.map(({ identifier }) => byte.encode(identifier).toHex()).join(' ')}, ${data.length} octets`,
}

const none = new Uint8Array()
/** The header element that announces a command or a response packet. */
export const commandPacketElement: InformationElement = { identifier: elementNames.commandPacket, value: none }
export const responsePacketElement: InformationElement = { identifier: elementNames.responsePacket, value: none }

export const hasElement = ({ elements }: Pick<UserData, 'elements'>, { identifier }: InformationElement): boolean =>
  elements.some((element) => element.identifier === identifier)

/** Which part of how many. */
export interface Part {
  readonly reference: number
  readonly total: number
  readonly index: number
}

/** The concatenation element, if there is one. A part 0, or one past the total, makes the element worthless: §9.2.3.24.1. */
export function partOf({ elements }: UserData): Part | undefined {
  for (const { identifier, value } of elements) {
    const [first = 0, second = 0, third = 0, fourth = 0] = value
    const part =
      identifier === elementNames.concatenated8 && value.length === 3
        ? { reference: first, total: second, index: third }
        : identifier === elementNames.concatenated16 && value.length === 4
          ? { reference: (first << 8) | second, total: third, index: fourth }
          : undefined
    if (part !== undefined && part.index >= 1 && part.index <= part.total) return part
  }
  return undefined
}

/**
 * A packet in as many messages as it needs. The element that announces it stands in the first part alone (TS 31.115 §4.3).
 * `reference` tells this packet's parts from those of others of the same sender; it is used only when there are several.
 */
export function split(announced: InformationElement, packet: Uint8Array, reference: number): readonly UserData[] {
  const alone = longestUserData - 3 - announced.value.length
  if (packet.length <= alone) return [{ elements: [announced], data: packet.slice() }]
  const first = alone - 5
  const rest = longestUserData - 6
  const total = 1 + Math.ceil((packet.length - first) / rest)
  if (total > 255) throw new TlvError(`${packet.length} octets are too many for one concatenated message`)
  return Array.from({ length: total }, (_, at) => {
    const concatenated = {
      identifier: elementNames.concatenated8,
      value: Uint8Array.of(reference & 0xff, total, at + 1),
    }
    const begin = at === 0 ? 0 : first + (at - 1) * rest
    return {
      elements: at === 0 ? [concatenated, announced] : [concatenated],
      data: packet.slice(begin, at === 0 ? first : begin + rest),
    }
  })
}

/** Parts of one message that wait for the others. */
export interface Pending {
  readonly from: string
  readonly reference: number
  readonly total: number
  readonly parts: Readonly<Record<number, UserData>>
}

export interface Joined {
  readonly pending: readonly Pending[]
  /** The message, its concatenation elements taken out: there when nothing is missing any more. */
  readonly whole?: UserData
}

/** What a receiver keeps at most; the oldest incomplete message makes room. */
export interface JoinLimits {
  readonly messages: number
  readonly parts: number
}

/**
 * Takes one message in, in any order. A part that is there already changes nothing; the same part with another content means that
 * its sender began a new message under an old reference.
 */
export function join(pending: readonly Pending[], from: string, message: UserData, limits: JoinLimits): Joined {
  const part = partOf(message)
  if (part === undefined) return { pending, whole: withoutPart(message) }
  const { reference, total, index } = part
  if (total > limits.parts) return { pending }
  const isMine = (one: Pending) => one.from === from && one.reference === reference && one.total === total
  const known = pending.find(isMine)
  const before = known?.parts[index]
  if (before !== undefined && sameOctets(before.data, message.data)) return { pending }
  const parts = { ...(before === undefined ? known?.parts : {}), [index]: message }
  const others = pending.filter((one) => !isMine(one))
  const inOrder = Array.from({ length: total }, (_, at) => parts[at + 1])
  const complete = inOrder.filter((one) => one !== undefined)
  if (complete.length < total)
    return { pending: [...others, { from, reference, total, parts }].slice(-limits.messages) }
  const elements = complete.flatMap((one) => withoutPart(one).elements)
  return { pending: others, whole: { elements, data: concat(...complete.map(({ data }) => data)) } }
}

const withoutPart = ({ elements, data }: UserData): UserData => ({
  elements: elements.filter(
    ({ identifier }) => identifier !== elementNames.concatenated8 && identifier !== elementNames.concatenated16,
  ),
  data,
})
