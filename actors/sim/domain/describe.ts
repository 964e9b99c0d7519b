/** The card as a picture's data: security domains as a tree, with keys by version, applications, load files and memory. */
import { describeState, keyCheckValue, keyTypeName, keyTypes, type Privilege } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { sameOctets } from '@mobile-jpki/tlv'
import { domainOptions, type Key, keySetsOf, sessionCount } from '../security-domain/keys.ts'
import { usedMemory } from './memory.ts'
import { profileIn } from './profile.ts'
import { type Application, memoryOf, type Registry, registryIn } from './registry.ts'

export interface CardDescription {
  readonly profile: string
  readonly iccid: string
  readonly memory: { readonly size: number; readonly used: number }
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
  readonly memory: number
}

interface KeyPicture {
  readonly id: number
  readonly type: string
  readonly bits: number
  /** Of AES and DES keys. */
  readonly checkValue?: string
}

export interface DomainDescription extends ApplicationDescription {
  /** `SCP03 i=70`. */
  readonly protocols: readonly string[]
  readonly keys: readonly {
    readonly version: string
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
  const { name, nvmSize } = profileIn(nvm)
  const { issuer } = registry
  const roots = registry.applications().filter(({ aid, securityDomain }) => sameOctets(aid, securityDomain))
  return {
    profile: name,
    iccid: hex(nvm.get('card/iccid') ?? new Uint8Array()).replace(/F+$/, ''),
    memory: { size: nvmSize, used: usedMemory({ nvm }) },
    issuer: domainOf(nvm, registry, issuer),
    others: roots.filter(({ aid }) => !sameOctets(aid, issuer.aid)).map((root) => domainOf(nvm, registry, root)),
  }
}

function applicationOf(nvm: Nvm, application: Application, stateOf: Parameters<typeof describeState>[0]) {
  const { aid, kind, lifeCycle, privileges, loadFile } = application
  return {
    aid: hex(aid),
    kind,
    state: describeState(stateOf, lifeCycle),
    privileges,
    loadFile: loadFile && hex(loadFile),
    memory: nvm.used(memoryOf(aid)),
  }
}

function domainOf(nvm: Nvm, registry: Registry, domain: Application): DomainDescription {
  const { aid } = domain
  const isCard = sameOctets(aid, registry.issuer.aid)
  const owned = registry
    .applications()
    .filter((one) => sameOctets(one.securityDomain, aid) && !sameOctets(one.aid, aid))
  return {
    ...applicationOf(nvm, domain, isCard ? 'card' : 'securityDomain'),
    protocols: domainOptions(nvm, aid).secureChannelProtocols.map(([scp = 0, i = 0]) => `SCP0${scp} i=${hexOctet(i)}`),
    keys: keySetsOf(nvm, aid).map(({ version, keys }) => ({
      version: hexOctet(version),
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
    applications: owned
      .filter(({ kind }) => kind !== 'securityDomain')
      .map((one) => applicationOf(nvm, one, 'application')),
    domains: owned.filter(({ kind }) => kind === 'securityDomain').map((one) => domainOf(nvm, registry, one)),
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
