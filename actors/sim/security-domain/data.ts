/** GET DATA of a security domain: what the card is, which keys it lists, what room it has. GPCS v2.3.1 §11.3, annex H. */
import {
  CardCapabilities,
  CardRecognitionData,
  ExtendedCardResources,
  type KeyInformation,
  KeyInformationTemplate,
  privileges,
} from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import { concat, readTlvs, unsigned, writeTlv } from '@mobile-jpki/tlv'
import { freeRam, roomFor } from '../domain/memory.ts'
import { type Application, domainsAbove, isBelow, memoryOf } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { answer } from '../domain/state.ts'
import { confirmations } from './delegation.ts'
import { domainOptions, keySetsOf, secureChannelKeys, sessionCount } from './keys.ts'
import { type DomainAsked, grantable, isIssuer } from './rights.ts'

export function getData(asked: DomainAsked, { p1, p2 }: { p1: number; p2: number }): ResponseApdu {
  const tag = (p1 << 8) | p2
  const object = objects.get(tag)?.(asked) ?? kept(asked, tag)
  if (object === undefined) throw new CardRefusal('data.none')
  return answer(object)
}

const recognition = (asked: DomainAsked) =>
  CardRecognitionData.encode({
    version: '2.3',
    secureChannelProtocols: protocolsOf(asked).map(([scp = 0, i = 0]) => ({ scp, i })),
    chip: javaCardIdentifier(asked.card.javaCard),
  })

/** Card and chip details: { 1 3 6 1 4 1 42 2 110 1 } and the first number of the platform's version. GPCS table H-1. */
const javaCardIdentifier = (version: string): Uint8Array =>
  writeTlv(0x06, Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x6e, 0x01, Number.parseInt(version, 10)))

const keyInformation = ({ card, domain }: DomainAsked) =>
  KeyInformationTemplate.encode(
    keySetsOf(card.nvm, domain.aid).flatMap(({ version, keys }) =>
      keys.map(({ id, components }) => informationOf(version, id, components)),
    ),
  )

function sequenceCounter({ card, domain }: DomainAsked): Uint8Array | undefined {
  const first = keySetsOf(card.nvm, domain.aid).find((set) => secureChannelKeys(set) !== undefined)
  if (first === undefined) return undefined
  const length = secureChannelKeys(first)?.protocol === '02' ? 2 : 3
  return writeTlv(0xc1, unsigned(length).encode(sessionCount(card.nvm, domain.aid, first.version)))
}

const confirmationCounter = ({ card, domain }: DomainAsked) =>
  isIssuer(card.registry, domain) ? writeTlv(0xc2, confirmations(card)) : undefined

/** Application templates one after the other, as in EF.DIR, whose number the tag is. GPCS §11.3.3.1. */
function applications({ card, domain }: DomainAsked): Uint8Array | undefined {
  const below = card.registry.applications().filter((one) => isBelow(card.registry, one, domain.aid))
  return below.length === 0 ? undefined : concat(...below.map(({ aid }) => writeTlv(0x61, writeTlv(0x4f, aid))))
}

/** What the domain that is asked could still fill. */
const resources = ({ card, domain }: DomainAsked) =>
  ExtendedCardResources.encode({
    applications: card.registry.applications().filter(({ kind }) => kind === 'program').length,
    freeNonVolatileMemory: roomFor(card, domain.aid),
    freeVolatileMemory: freeRam(card),
  })

const objects = new Map<number, (asked: DomainAsked) => Uint8Array | undefined>([
  [0x0066, recognition],
  [0x0067, (asked) => CardCapabilities.encode(capabilities(asked))],
  [0x00c1, sequenceCounter],
  [0x00c2, confirmationCounter],
  [0x00e0, keyInformation],
  [0x2f00, applications],
  [0x9f7f, ({ card }) => card.nvm.get('card/cplc')],
  [0xff21, resources],
])

/** What STORE DATA put here, or the manufacturer. */
function kept({ card, domain }: DomainAsked, tag: number): Uint8Array | undefined {
  const value = card.nvm.get(place(domain.aid, tag === administration.changed ? administration.whole : tag))
  return value === undefined ? undefined : writeTlv(tag, value)
}

/** Value of tag 85, as it was stored. */
export const administrationParameters = (nvm: Nvm, { aid }: Application): Uint8Array | undefined =>
  nvm.get(place(aid, administration.whole))

const place = (domain: Uint8Array, tag: number) => `${memoryOf(domain)}data/${tag.toString(16)}`

/** Parameters of administration over HTTP: 85 sets them all, A5 some of them. Amendment B §3. */
const administration = { whole: 0x85, changed: 0xa5 } as const

/** Data objects that a security domain takes: IIN, CIN (the issuer's), its own manager's address. GPCS §7.4. */
const taken = [0x42, 0x45, 0x5f50, administration.whole] as const

export function keepDataObject({ card }: DomainAsked, { aid }: Application, tag: number, value: Uint8Array): void {
  if (tag === administration.changed) {
    const at = place(aid, administration.whole)
    card.nvm.set(at, merged(card.nvm.get(at) ?? new Uint8Array(), value))
  } else if (taken.some((one) => one === tag)) {
    if (tag === administration.whole) merged(value, new Uint8Array())
    card.nvm.set(place(aid, tag), value)
  } else throw new CardRefusal('personalize.format')
}

/** Each object takes the place of the one of its tag; 89, which says where the server is, changes object by object as well. */
function merged(present: Uint8Array, changes: Uint8Array): Uint8Array {
  const objects = new Map<number, Uint8Array>()
  for (const { tag, value } of readTlvs(present)) objects.set(tag, value)
  for (const { tag, value } of readTlvs(changes)) {
    const old = objects.get(tag)
    objects.set(tag, old !== undefined && tag === 0x89 ? merged(old, value) : value)
  }
  return concat(...[...objects].map(([tag, value]) => writeTlv(tag, value)))
}

/** Its own protocols, or those of the domain above. */
function protocolsOf({ card, domain }: DomainAsked): readonly Uint8Array[] {
  for (const { aid } of [domain, ...domainsAbove(card.registry, domain)]) {
    const { secureChannelProtocols } = domainOptions(card.nvm, aid)
    if (secureChannelProtocols.length > 0) return secureChannelProtocols
  }
  return []
}

type Components = readonly { readonly type: number; readonly value: Uint8Array }[]

/** A component of 256 octets and more needs the extended format, GPCS table 11-32. */
function informationOf(keyVersion: number, keyIdentifier: number, components: Components): KeyInformation {
  const listed = components.map(({ type, value }) => ({ type, length: value.length }))
  const extended = listed.some(({ length }) => length > 0xff)
  return {
    keyIdentifier,
    keyVersion,
    components: listed,
    ...(extended && { usage: Uint8Array.of(0x84), access: Uint8Array.of(0x00) }),
  }
}

/** AES-128, AES-192, AES-256. */
const aesLengths = Uint8Array.of(0x07)

/** Cipher suites and hashes by their numbers and bits. GPCS §H.4. */
const algorithms = {
  /** SHA-1, SHA-256, SHA-384, SHA-512. */
  hashAlgorithms: Uint8Array.of(0x01, 0x02, 0x03, 0x04),
  /** Triple DES and AES-128, -192, -256, with any initial chaining vector. */
  loadFileEncryption: Uint8Array.of(0x8f),
  /** RSA-1024 with SHA-1, RSA-PSS, ECDSA on P-256 and P-384; on P-521. */
  tokenAlgorithms: Uint8Array.of(0xc3, 0x02),
  /** Retail MAC, CMAC with AES-128, -192, -256. */
  receiptAlgorithms: Uint8Array.of(0x3c),
  dapAlgorithms: Uint8Array.of(0xc3, 0x02),
  /** P-256, P-384, P-521. */
  curves: Uint8Array.of(0x00, 0x01, 0x02),
} as const

function capabilities(asked: DomainAsked): CardCapabilities {
  const options = (scp: number) =>
    Uint8Array.from(protocolsOf(asked).flatMap(([number, i]) => (number === scp && i !== undefined ? [i] : [])))
  const protocols = [2, 3].filter((scp) => options(scp).length > 0)
  const all = (names: readonly (keyof typeof privileges)[]) =>
    unsigned(3).encode(names.reduce((sum, name) => sum + privileges[name], 0))
  return {
    secureChannelProtocols: protocols.map((scp) => ({
      scp,
      options: options(scp),
      ...(scp === 3 && { keyLengths: aesLengths }),
    })),
    securityDomainPrivileges: all(grantable.securityDomain),
    applicationPrivileges: all(grantable.application),
    ...algorithms,
  }
}
