/** The card as a picture's data: security domains as a tree, with keys by version, applications, load files and memory. */
import { describeState, keyCheckValue, keyTypeName, keyTypes, type Privilege } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { sameOctets } from '@mobile-jpki/tlv'
import { tarsOf } from '../over-the-air/target.ts'
import { domainOptions, isScp80, isScp81, type Key, keySetsOf, sessionCount } from '../security-domain/keys.ts'
import { freeMemory, type Holding, holdings, roomFor, usedRam, type Weighed } from './memory.ts'
import { profileIn } from './profile.ts'
import { type Application, registryIn } from './registry.ts'

/** Octets of non-volatile memory. */
interface Space {
  /** With all that is associated with it, each with what is reserved for it. */
  readonly used: number
  readonly reserved: number
  /** The most that it may hold, where its installation set one. */
  readonly quota?: number
  /** What it may still take. */
  readonly free: number
}

export interface CardDescription {
  readonly profile: string
  readonly iccid: string
  /** What the entries keep, what is reserved beyond that, and the rest. */
  readonly memory: { readonly size: number; readonly used: number; readonly reserved: number; readonly free: number }
  /** By what installations declared. */
  readonly ram: { readonly size: number; readonly used: number }
  readonly issuer: DomainDescription
  /** Security domains that stand beside the issuer's. */
  readonly others: readonly DomainDescription[]
}

export interface ApplicationDescription {
  readonly aid: string
  readonly kind: Application['kind']
  readonly state: string
  readonly privileges: readonly Privilege[]
  readonly loadFile: string | undefined
  /** What it keeps itself, a security domain with its load files. */
  readonly memory: number
  readonly space: Space
}

interface KeyPicture {
  readonly id: number
  readonly type: string
  readonly bits: number
  /** Of AES and DES keys. */
  readonly checkValue?: string
}

export interface DomainDescription extends ApplicationDescription {
  /** By which short messages reach it. */
  readonly tars: readonly string[]
  /** `SCP03 i=70`. */
  readonly protocols: readonly string[]
  readonly keys: readonly {
    readonly version: string
    /** Over the air: by short message, or by HTTP. */
    readonly bearer?: 'SCP80' | 'SCP81'
    /** Secure channels opened so far; of SCP80 the counter of the last packet. */
    readonly sessions: number
    readonly keys: readonly KeyPicture[]
  }[]
  readonly loadFiles: readonly {
    readonly aid: string
    readonly version: string
    readonly modules: readonly string[]
    readonly memory: number
  }[]
  readonly applications: readonly ApplicationDescription[]
  readonly domains: readonly DomainDescription[]
}

const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

export function describeCard(nvm: Nvm): CardDescription {
  const registry = registryIn(nvm)
  const profile = profileIn(nvm)
  const card: Weighed = { nvm, registry, ...profile }
  const roots = holdings(card)
  const used = roots.reduce((sum, root) => sum + kept(root), 0)
  const free = freeMemory(card)
  const issuer = roots.find(({ application }) => sameOctets(application.aid, registry.issuer.aid))
  if (issuer === undefined) throw new Error('the issuer security domain stands at the top')
  return {
    profile: profile.name,
    iccid: hex(nvm.get('card/iccid') ?? new Uint8Array()).replace(/F+$/, ''),
    memory: { size: profile.nvmSize, used, reserved: Math.max(0, profile.nvmSize - used - free), free },
    ram: { size: profile.ramSize, used: usedRam(card) },
    issuer: domainOf(card, issuer),
    others: roots.filter((root) => root !== issuer).map((root) => domainOf(card, root)),
  }
}

const kept = ({ own, below }: Holding): number => below.reduce((sum, one) => sum + kept(one), own)

function applicationOf(
  card: Weighed,
  { application, own, held }: Holding,
  stateOf: Parameters<typeof describeState>[0],
) {
  const { aid, kind, lifeCycle, privileges, loadFile, memory } = application
  return {
    aid: hex(aid),
    kind,
    state: describeState(stateOf, lifeCycle),
    privileges,
    loadFile: loadFile && hex(loadFile),
    memory: own,
    space: {
      used: held,
      reserved: memory?.reservedNonVolatile ?? 0,
      ...(memory?.nonVolatile !== undefined && { quota: memory.nonVolatile }),
      free: roomFor(card, aid),
    },
  }
}

function domainOf(card: Weighed, domain: Holding): DomainDescription {
  const { nvm, registry } = card
  const { aid } = domain.application
  const isCard = sameOctets(aid, registry.issuer.aid)
  const isDomain = ({ application }: Holding) => application.kind === 'securityDomain'
  return {
    ...applicationOf(card, domain, isCard ? 'card' : 'securityDomain'),
    tars: tarsOf({ nvm, registry }, domain.application).map((tar) => tar.toUpperCase()),
    protocols: domainOptions(nvm, aid).secureChannelProtocols.map(([scp = 0, i = 0]) => `SCP0${scp} i=${hexOctet(i)}`),
    keys: keySetsOf(nvm, aid).map(({ version, keys }) => ({
      version: hexOctet(version),
      ...(isScp80({ version }) && { bearer: 'SCP80' as const }),
      ...(isScp81({ version }) && { bearer: 'SCP81' as const }),
      sessions: sessionCount(nvm, aid, version),
      keys: keys.map(keyPicture),
    })),
    loadFiles: registry
      .loadFiles()
      .filter((file) => sameOctets(file.securityDomain, aid))
      .map((file) => ({
        aid: hex(file.aid),
        version: file.version.join('.'),
        modules: file.modules.map(hex),
        memory: registry.program(file.aid)?.length ?? 0,
      })),
    applications: domain.below.filter((one) => !isDomain(one)).map((one) => applicationOf(card, one, 'application')),
    domains: domain.below.filter(isDomain).map((one) => domainOf(card, one)),
  }
}

function keyPicture({ id, components: [first] }: Key): KeyPicture {
  const { type, value } = first ?? { type: 0, value: new Uint8Array() }
  const symmetric = type === keyTypes.AES ? 'AES' : type === keyTypes.DES ? 'DES' : undefined
  return {
    id,
    type: keyTypeName(type) ?? hexOctet(type),
    bits: value.length * 8,
    ...(symmetric && { checkValue: hex(keyCheckValue(symmetric, value)) }),
  }
}

const hexOctet = (octet: number) => hex(Uint8Array.of(octet))
