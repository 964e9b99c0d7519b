/** The keys of a security domain, by key version and key identifier. GPCS v2.3.1 §7.5. */
import { type KeySet, keyTypes, type Scp, SecurityDomainParameters } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { byte, octets, repeated, required, secret, type TypeOf, template, unsigned } from '@mobile-jpki/tlv'
import { PERSONALIZED, SELECTABLE } from '../domain/life-cycle.ts'
import { type Application, domainsAbove, memoryOf, type Registry } from '../domain/registry.ts'

const Component = template({ type: required(0x80, byte), value: required(0x88, secret(octets({ min: 1, max: 512 }))) })
/** A symmetric key has one component; a public key has several. */
const Key = template({ id: required(0x82, byte), components: repeated(0xa0, Component) })
export type Key = TypeOf<typeof Key>

const StoredKeySet = template({
  /** The order in which a security domain got its key sets: version 00 asks for the first. */
  order: required(0x83, unsigned(2)),
  keys: repeated(0xb9, Key),
})

export interface KeySetEntry {
  readonly version: number
  readonly order: number
  readonly keys: readonly Key[]
}

const place = (domain: Uint8Array, version: number) => `${memoryOf(domain)}keys/${hex(version)}`
const counterPlace = (domain: Uint8Array, version: number) => `${memoryOf(domain)}counter/${hex(version)}`
const hex = (octet: number) => Uint8Array.of(octet).toHex()

export function keySetsOf(nvm: Nvm, domain: Uint8Array): readonly KeySetEntry[] {
  const prefix = `${memoryOf(domain)}keys/`
  return nvm
    .keys(prefix)
    .map((key) => ({
      version: Number.parseInt(key.slice(prefix.length), 16),
      ...StoredKeySet.decode(nvm.get(key) ?? new Uint8Array()),
    }))
    .sort((one, other) => one.order - other.order)
}

export const keySet = (nvm: Nvm, domain: Uint8Array, version: number): KeySetEntry | undefined =>
  keySetsOf(nvm, domain).find((entry) => entry.version === version)

/** A new set comes last; a set of the same version is replaced, and its sessions are counted anew. */
export function putKeySet(nvm: Nvm, domain: Uint8Array, version: number, keys: readonly Key[]): void {
  const sets = keySetsOf(nvm, domain)
  const order = sets.find((entry) => entry.version === version)?.order ?? (sets.at(-1)?.order ?? 0) + 1
  nvm.set(place(domain, version), StoredKeySet.encode({ order, keys }))
  // The room for a counter over the air is taken at once: a card that is full must be reached to make room.
  nvm.set(counterPlace(domain, version), isScp80({ version }) ? new Uint8Array(counterLength) : undefined)
}

export function removeKeySet(nvm: Nvm, domain: Uint8Array, version: number): void {
  nvm.set(place(domain, version))
  nvm.set(counterPlace(domain, version))
}

/** Sessions opened under a key set, or the counter of its last packet. GPCS §E.1.2.3, Amendment D §6.2.2.1. */
export const sessionCount = (nvm: Nvm, domain: Uint8Array, version: number): number =>
  (nvm.get(counterPlace(domain, version)) ?? new Uint8Array()).reduce((sum, octet) => sum * 256 + octet, 0)

const counterLength = 5

/** The counter of a packet in the place of that of sessions; where it lies. TS 102 225 §5.1.4. */
export function keepPacketCounter(nvm: Nvm, domain: Uint8Array, version: number, counter: number): string {
  nvm.set(counterPlace(domain, version), unsigned(counterLength).encode(counter))
  return counterPlace(domain, version)
}

/** Lasting at once: no session key may come twice. */
export function countSession(nvm: Nvm, domain: Uint8Array, version: number): void {
  const count = sessionCount(nvm, domain, version) + 1
  nvm.set(counterPlace(domain, version), Uint8Array.of(count >>> 16, count >>> 8, count))
  nvm.commitNow(counterPlace(domain, version))
}

/** Versions that are of one protocol alone: over the air by SMS and by HTTP. UICC Configuration §4. */
export const isScp80 = ({ version }: Pick<KeySetEntry, 'version'>): boolean => version >= 0x01 && version <= 0x0f
export const isScp81 = ({ version }: Pick<KeySetEntry, 'version'>): boolean => version >= 0x40 && version <= 0x4f

/** Keys 1, 2 and 3 of one kind make a secure channel key set; its kind decides the protocol. */
export function secureChannelKeys(set: KeySetEntry): { keys: KeySet; protocol: '02' | '03' } | undefined {
  if (isScp80(set) || isScp81(set)) return undefined
  const { keys } = set
  const [enc, mac, dek] = [1, 2, 3].map((id) => keys.find((key) => key.id === id)?.components[0])
  if (!enc || !mac || !dek || enc.type !== mac.type || enc.type !== dek.type) return undefined
  if (enc.type !== keyTypes.DES && enc.type !== keyTypes.AES) return undefined
  const protocol = enc.type === keyTypes.DES ? '02' : '03'
  return { keys: { enc: enc.value, mac: mac.value, dek: dek.value }, protocol }
}

/** Whether it opens a secure channel, at the contacts or over the air. */
export const opensChannel = (entry: KeySetEntry): boolean =>
  isScp80(entry) || isScp81(entry) || secureChannelKeys(entry) !== undefined

/** Who has secure channel keys of its own is reached by nobody else's. */
export const hasOwnKeys = (nvm: Nvm, domain: Uint8Array): boolean => keySetsOf(nvm, domain).some(opensChannel)

/** With keys of its own, unless it was told (tag 84) that it says so itself by SET STATUS. GPCS §5.3.2.3, UICC Configuration table 3-2. */
export function toPersonalized({ nvm, registry }: { nvm: Nvm; registry: Registry }, { aid }: Application): void {
  const domain = registry.application(aid)
  const explicit = domainOptions(nvm, aid).explicitPersonalized !== undefined
  if (domain?.lifeCycle !== SELECTABLE || explicit || !hasOwnKeys(nvm, aid)) return
  registry.put({ ...domain, lifeCycle: PERSONALIZED })
}

/** What a security domain was told at its installation: its protocols, and what it lets others do. */
export const domainOptions = (nvm: Nvm, domain: Uint8Array): SecurityDomainParameters => {
  const stored = nvm.get(`${memoryOf(domain)}options`)
  return stored === undefined ? { secureChannelProtocols: [] } : SecurityDomainParameters.decode(stored)
}
export const keepDomainOptions = (nvm: Nvm, domain: Uint8Array, options: SecurityDomainParameters): void =>
  nvm.set(`${memoryOf(domain)}options`, SecurityDomainParameters.encode(options))

/** The protocol with its options: what the domain was installed with, or what the domain above has. */
export function scpOf(nvm: Nvm, registry: Registry, domain: Application, protocol: '02' | '03'): Scp | undefined {
  const number = Number(protocol)
  for (const { aid } of [domain, ...domainsAbove(registry, domain)]) {
    const option = domainOptions(nvm, aid).secureChannelProtocols.find(([scp]) => scp === number)?.[1]
    if (option !== undefined) return asScp(number, option)
  }
  return undefined
}

export function asScp(number: number, i: number): Scp | undefined {
  if (number === 3 && (i & ~0x71) === 0 && (i & 0x60) !== 0x40) return { protocol: '03', i }
  if (number === 2 && (i === 0x15 || i === 0x35 || i === 0x55 || i === 0x75)) return { protocol: '02', i }
  return undefined
}
