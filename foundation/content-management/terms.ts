/** How a security domain is spoken to: protocol, keys, security level, length of commands. GPCS v2.3.1 annex E, Amendment D; UICC Configuration §4. */
import { levelsOf, type Scp, type SecurityLevel, type SymmetricKeyType, scpOf } from '@mobile-jpki/globalplatform'

/** What both TSMs have to know of a card to work on it: part of what its carrier's SIM type says. */
export interface ChannelTerms {
  readonly scp: 2 | 3
  /** Implementation options. */
  readonly i: number
  readonly keyBits: 128 | 192 | 256
  /** Least security level of commands that change the card. */
  readonly minimumLevel: number
  /** Octets of the longest command data field. */
  readonly largestData: number
}

export type ManagementModel = 'simple' | 'delegated' | 'authorized'

/** What is needed of a SIM type as data: a carrier's declaration has more. */
export interface CardType {
  /** The first is the one that is used. */
  readonly keySets: readonly {
    readonly scp: 2 | 3
    readonly i: string
    readonly keyVersion: string
    readonly keyBits: 128 | 192 | 256
  }[]
  readonly minimumLevel: string
  readonly largestData: number
}

/** The supplementary security domains of a card speak as its issuer's does. */
export function channelTermsOf({
  keySets,
  minimumLevel,
  largestData,
}: CardType): ChannelTerms & { keyVersion: number } {
  const [first] = keySets
  if (first === undefined) throw new TypeError('a SIM type has a key set')
  const { scp, keyBits } = first
  return {
    scp,
    i: octet(first.i),
    keyBits,
    minimumLevel: octet(minimumLevel),
    largestData,
    keyVersion: octet(first.keyVersion),
  }
}

const octet = (hex: string): number => Number.parseInt(hex, 16)

export function protocolOf({ scp, i }: Pick<ChannelTerms, 'scp' | 'i'>): Scp {
  const protocol = scpOf({ scp, i })
  if (protocol === undefined) throw new TypeError(`SCP0${scp} i=${i.toString(16)} is no secure channel`)
  return protocol
}

/** The strongest that the options name, which is never below what the card asks for. SCP02 has R-MAC where `i` says so, GPCS table E-1. */
export function securityLevelOf(terms: Pick<ChannelTerms, 'scp' | 'i' | 'minimumLevel'>): SecurityLevel {
  const rMac = terms.scp === 3 || (terms.i & 0x20) !== 0
  const level = levelsOf(protocolOf(terms)).findLast((each) => rMac || (each & 0x10) === 0) ?? 0x00
  if ((level & terms.minimumLevel) !== terms.minimumLevel)
    throw new TypeError(`level ${level.toString(16)} is below ${terms.minimumLevel.toString(16)}`)
  return level
}

/** Octets of plain data that one command can carry at that level; at 00 something else protects it. */
export function blockLengthOf({ scp, i, largestData }: ChannelTerms, level: SecurityLevel): number {
  if (level === 0x00) return largestData
  const room = largestData - (scp === 3 && (i & 0x01) !== 0 ? 16 : 8)
  return (level & 0x02) === 0 ? room : room - (room % (scp === 2 ? 8 : 16)) - 1
}

export const keyTypeOf = ({ scp }: Pick<ChannelTerms, 'scp'>): SymmetricKeyType => (scp === 2 ? 'DES' : 'AES')
export const keyLengthOf = ({ keyBits }: Pick<ChannelTerms, 'keyBits'>): number => keyBits / 8

/** Key versions of a supplementary domain by its protocol: SCP02 has 20 to 2F, SCP03 30 to 3F. UICC Configuration §4. */
export const domainKeyVersions = {
  /** Made by the carrier, known to it until the owner replaces it. */
  initial: ({ scp }: Pick<ChannelTerms, 'scp'>): number => (scp === 2 ? 0x21 : 0x31),
  /** The owner's. */
  own: ({ scp }: Pick<ChannelTerms, 'scp'>): number => (scp === 2 ? 0x22 : 0x32),
} as const
