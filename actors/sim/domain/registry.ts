/** The GlobalPlatform registry, as it lies in the card's memory: applications, security domains, load files. GPCS v2.3.1 §6.5. */

import { Aid, Privileges } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import {
  byte,
  octets,
  oneOf,
  optional,
  repeated,
  required,
  sameOctets,
  type TypeOf,
  template,
  unsigned,
} from '@mobile-jpki/tlv'
import { CardRefusal, type RuleId } from './rules.ts'

/** What INSTALL reserved for it, and the most that it may hold, in octets. GPCS table 11-49. */
const Memory = template({
  volatile: optional(0xc7, unsigned(4)),
  nonVolatile: optional(0xc8, unsigned(4)),
  reservedVolatile: optional(0xd7, unsigned(4)),
  reservedNonVolatile: optional(0xd8, unsigned(4)),
})

/** One selectable thing. The tags are those of GET STATUS (GPCS table 11-36) where it has them. */
export const Application = template({
  aid: required(0x4f, Aid),
  lifeCycle: required(0x9f70, byte),
  privileges: required(0xc5, Privileges),
  kind: required(0xc0, oneOf({ securityDomain: 1, authority: 2, program: 3, accessRules: 4 })),
  /** The associated security domain; the issuer's is its own. */
  securityDomain: required(0xcc, Aid),
  loadFile: optional(0xc4, Aid),
  module: optional(0x84, Aid),
  memory: optional(0xef, Memory),
  /** Absent until it is set, and then deactivated. Amendment C. */
  contactless: optional(0xd4, oneOf({ deactivated: 0, activated: 1 })),
})
export type Application = TypeOf<typeof Application>

/** An executable load file. One without a program came with the card. */
export const LoadFileEntry = template({
  aid: required(0x4f, Aid),
  lifeCycle: required(0x9f70, byte),
  securityDomain: required(0xcc, Aid),
  version: required(0xce, octets(2)),
  /** SHA-256 of the load file data block, as the card computed it. */
  hash: optional(0xc1, octets(32)),
  modules: repeated(0x84, Aid),
  /** What it brought: a program that runs here, or bytecode. */
  content: optional(0xc0, oneOf({ program: 1, bytecode: 2 })),
  /** Packages that it leans on. */
  imports: repeated(0x85, Aid),
})
export type LoadFileEntry = TypeOf<typeof LoadFileEntry>

const applications = 'application/'
const loadFiles = 'load-file/'
const programs = 'program/'

/** Where the entries and programs lie in the memory. */
export const keyOf = {
  application: (aid: Uint8Array): string => applications + aid.toHex(),
  loadFile: (aid: Uint8Array): string => loadFiles + aid.toHex(),
  program: (loadFile: Uint8Array): string => programs + loadFile.toHex(),
} as const

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
    application: (aid) => one(keyOf.application(aid), Application),
    applications: () => all(applications, Application),
    loadFile: (aid) => one(keyOf.loadFile(aid), LoadFileEntry),
    loadFiles: () => all(loadFiles, LoadFileEntry),
    program: (loadFile) => nvm.get(keyOf.program(loadFile)),
    isTaken: (aid) => registry.application(aid) !== undefined || registry.loadFile(aid) !== undefined,

    put: (application) => write(keyOf.application(application.aid), Application.encode(application)),
    putLoadFile: (loadFile, program) => {
      write(keyOf.loadFile(loadFile.aid), LoadFileEntry.encode(loadFile))
      if (program !== undefined) nvm.set(keyOf.program(loadFile.aid), program)
    },
    remove: ({ aid }) => {
      nvm.set(keyOf.application(aid))
      for (const key of nvm.keys(memoryOf(aid))) nvm.set(key)
    },
    removeLoadFile: ({ aid }) => {
      nvm.set(keyOf.loadFile(aid))
      nvm.set(keyOf.program(aid))
    },
  }
  return registry
}

/** Its entry waits to be made lasting together with all else that INSTALL does. */
export const isBeingInstalled = (nvm: Nvm, aid: Uint8Array): boolean => nvm.changed(keyOf.application(aid)).length > 0

export function existing<T>(entry: T | undefined, rule: RuleId): T {
  if (entry === undefined) throw new CardRefusal(rule)
  return entry
}

/** Applications that came with the card, for the card: they stay what and where they are. */
export const isPartOfCard = ({ kind }: Application): boolean => kind === 'authority' || kind === 'accessRules'

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
