/** UICC System Specific Parameters, 'EA' of INSTALL: how an application is reached over the air. ETSI TS 102 226 §8.2.1.3.2.2. */
import { type Codec, concat, octets, optional, TlvError, type TypeOf, template } from '@mobile-jpki/tlv'

/** UICC Toolkit Application specific parameters, '80'. §8.2.1.3.2.2.1. Menu entries are not offered. */
export interface ToolkitParameters {
  readonly priority: number
  readonly timers: number
  /** BIP channels. */
  readonly channels: number
  /** Minimum security level: the first octet of SPI that a packet must reach. Absent: the card's own. */
  readonly minimumSecurityLevel?: number
  /** TARs, three octets each; none: the TAR stands in the AID. */
  readonly tars: readonly Uint8Array[]
  readonly services: number
}

const longest = 0x7f
/** 'Minimum SPI1': one octet follows. §8.2.1.3.2.4 */
const minimumSpi1 = 0x01

export const ToolkitParameters: Codec<ToolkitParameters> = {
  encode: ({ priority, timers, channels, minimumSecurityLevel, tars, services }) => {
    const level = minimumSecurityLevel === undefined ? [] : [minimumSpi1, minimumSecurityLevel]
    const names = concat(...tars)
    if (names.length !== 3 * tars.length || names.length > longest) throw new TlvError('a TAR has three octets')
    const textLength = 0
    const menuEntries = 0
    return Uint8Array.of(
      ...[priority, timers, textLength, menuEntries, channels],
      ...[level.length, ...level, names.length, ...names, services],
    )
  },
  decode: (value) => {
    const list = value.slice()
    let at = 0
    const next = (): number => {
      const octet = list[at++]
      if (octet === undefined) throw new TlvError('the toolkit parameters are cut short')
      return octet
    }
    const some = (length: number): Uint8Array => {
      if (at + length > list.length) throw new TlvError('the toolkit parameters are cut short')
      at += length
      return list.slice(at - length, at)
    }
    const priority = next()
    const timers = next()
    next()
    if (next() !== 0) throw new TlvError('menu entries are not offered')
    const channels = next()
    const [parameter = minimumSpi1, minimumSecurityLevel, ...more] = some(next())
    if (parameter !== minimumSpi1 || more.length > 0) throw new TlvError('this minimum security level is not supported')
    const names = some(next())
    if (names.length % 3 !== 0) throw new TlvError('a TAR has three octets')
    // Older forms of the parameters end here.
    const services = at < list.length ? next() : 0
    if (at !== list.length) throw new TlvError('octets behind the toolkit parameters')
    const tars = Array.from({ length: names.length / 3 }, (_, index) => names.slice(3 * index, 3 * index + 3))
    const level = minimumSecurityLevel === undefined ? {} : { minimumSecurityLevel }
    return { priority, timers, channels, ...level, tars, services }
  },
}

export const UiccParameters = template(
  { toolkit: optional(0x80, ToolkitParameters), access: optional(0x81, octets()) },
  { unknown: 'ignored' },
)
export type UiccParameters = TypeOf<typeof UiccParameters>

/** Digits 15 to 20 of the PIX hold the TAR, where the AID is long enough to have them. TS 101 220 §6. */
export const tarInAid = (aid: Uint8Array): Uint8Array | undefined => (aid.length < 15 ? undefined : aid.slice(12, 15))
