/** The GlobalPlatform registry, as it lies in the card's memory: applications, security domains, load files. GPCS v2.3.1 §6.5. */

import { Aid, Privileges } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { byte, octets, oneOf, optional, repeated, required, sameOctets, type TypeOf, template } from '@mobile-jpki/tlv'
import { CardRefusal, type RuleId } from './rules.ts'

/** One selectable thing. The tags are those of GET STATUS (GPCS table 11-36) where it has them. */
export const Application = template({
  aid: required(0x4f, Aid),
  lifeCycle: required(0x9f70, byte),
  privileges: required(0xc5, Privileges),
  kind: required(0xc0, oneOf({ securityDomain: 1, authority: 2, program: 3 })),
  /** The associated security domain; the issuer's is its own. */
  securityDomain: required(0xcc, Aid),
  loadFile: optional(0xc4, Aid),
  module: optional(0x84, Aid),
})
export type Application = TypeOf<typeof Application>

/** An executable load file. One without a program came with the card. */
export const LoadFileEntry = template({
  aid: required(0x4f, Aid),
  lifeCycle: required(0x9f70, byte),
  securityDomain: required(0xcc, Aid),
  version: required(0xce, octets(2)),
  hash: optional(0xc1, octets(32)),
  modules: repeated(0x84, Aid),
})
export type LoadFileEntry = TypeOf<typeof LoadFileEntry>

const applications = 'application/'
const loadFiles = 'load-file/'
const programs = 'program/'

/** Where an instance, or what a security domain keeps, begins in the memory. */
export const memoryOf = (aid: Uint8Array): string => `instance/${aid.toHex()}/`

export interface Registry {
  readonly issuer: Application
  application(aid: Uint8Array): Application | undefined
  applications(): readonly Application[]
  loadFile(aid: Uint8Array): LoadFileEntry | undefined
  loadFiles(): readonly LoadFileEntry[]
  /** The program of a load file; undefined for one that came with the card. */
  program(loadFile: Uint8Array): Uint8Array | undefined
  isTaken(aid: Uint8Array): boolean

  put(application: Application): void
  putLoadFile(loadFile: LoadFileEntry, program?: Uint8Array): void
  /** With all that the application keeps in memory. */
  remove(application: Application): void
  removeLoadFile(loadFile: LoadFileEntry): void
}

/** Reads and writes through to the memory; keeps nothing itself. Entries come in the order in which they were made. */
export function registryIn(nvm: Nvm): Registry {
  const all = <T>(prefix: string, codec: { decode(octets: Uint8Array): T }): T[] =>
    nvm
      .keys(prefix)
      .map((key) => nvm.get(key))
      .filter((value) => value !== undefined)
      .map((value) => ({ order: orderOf(value), entry: codec.decode(value.subarray(orderLength)) }))
      .sort((one, other) => one.order - other.order)
      .map(({ entry }) => entry)
  const one = <T>(key: string, codec: { decode(octets: Uint8Array): T }): T | undefined => {
    const value = nvm.get(key)
    return value === undefined ? undefined : codec.decode(value.subarray(orderLength))
  }
  const write = (key: string, entry: Uint8Array) => {
    const old = nvm.get(key)
    const order = old === undefined ? nextOrder(nvm) : old.subarray(0, orderLength)
    nvm.set(key, Uint8Array.of(...order, ...entry))
  }

  const registry: Registry = {
    get issuer() {
      const aid = nvm.get(issuerKey)
      const issuer = aid && registry.application(aid)
      if (issuer === undefined) throw new Error('the card has no issuer security domain')
      return issuer
    },
    application: (aid) => one(applications + aid.toHex(), Application),
    applications: () => all(applications, Application),
    loadFile: (aid) => one(loadFiles + aid.toHex(), LoadFileEntry),
    loadFiles: () => all(loadFiles, LoadFileEntry),
    program: (loadFile) => nvm.get(programs + loadFile.toHex()),
    isTaken: (aid) => registry.application(aid) !== undefined || registry.loadFile(aid) !== undefined,

    put: (application) => write(applications + application.aid.toHex(), Application.encode(application)),
    putLoadFile: (loadFile, program) => {
      write(loadFiles + loadFile.aid.toHex(), LoadFileEntry.encode(loadFile))
      if (program !== undefined) nvm.set(programs + loadFile.aid.toHex(), program)
    },
    remove: ({ aid }) => {
      nvm.set(applications + aid.toHex())
      for (const key of nvm.keys(memoryOf(aid))) nvm.set(key)
    },
    removeLoadFile: ({ aid }) => {
      nvm.set(loadFiles + aid.toHex())
      nvm.set(programs + aid.toHex())
    },
  }
  return registry
}

/** Its entry waits to be made lasting together with all else that INSTALL does. */
export const isBeingInstalled = (nvm: Nvm, aid: Uint8Array): boolean =>
  nvm.changed(applications + aid.toHex()).length > 0

export function existing<T>(entry: T | undefined, rule: RuleId): T {
  if (entry === undefined) throw new CardRefusal(rule)
  return entry
}

export const isSecurityDomain = ({ kind }: Application): boolean => kind === 'securityDomain'

/** The security domains above an application, the nearest first. GPCS §7.2. */
export function domainsAbove(registry: Registry, { aid, securityDomain }: Application): readonly Application[] {
  if (sameOctets(aid, securityDomain)) return []
  const above = registry.application(securityDomain)
  return above === undefined ? [] : [above, ...domainsAbove(registry, above)]
}

export const isBelow = (registry: Registry, application: Application, domain: Uint8Array): boolean =>
  domainsAbove(registry, application).some(({ aid }) => sameOctets(aid, domain))

/** AID of the issuer security domain. */
export const issuerKey = 'card/issuer'
export const isManufactured = (nvm: Nvm): boolean => nvm.get(issuerKey) !== undefined

const orderLength = 4
const orderKey = 'card/order'
const orderOf = (value: Uint8Array) => new DataView(value.buffer, value.byteOffset).getUint32(0)

function nextOrder(nvm: Nvm): Uint8Array {
  const order = new Uint8Array(orderLength)
  new DataView(order.buffer).setUint32(0, orderOf(nvm.get(orderKey) ?? order) + 1)
  nvm.set(orderKey, order)
  return order
}
