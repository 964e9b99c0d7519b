/** The card that is fuzzed: of a carrier's type, with a security domain that has its own keys, a program and its instance. All keys are known here. */
import { createPrivateKey } from 'node:crypto'
import {
  cutBlocks,
  InstallForInstall,
  InstallForLoad,
  type KeySet,
  Load,
  LoadFile,
  levelsOf,
  makeDapBlock,
  putKeySet,
  type Scp,
  SecurityDomainParameters,
  type SecurityLevel,
  scpOf,
  sha256,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { encodeProgram } from '@mobile-jpki/javacard'
import { memoryNvm } from '@mobile-jpki/nvm'
import { openSim } from '@mobile-jpki/sim'
import { aids } from '@mobile-jpki/sim/contract'
import type { NamedSimType } from '../../carriers/carriers.ts'
import type { IssuerKeys } from '../../carriers/issuer-keys.ts'
import { makeSim } from '../../carriers/make-sim.ts'
import { type Host, hostOn } from '../host.ts'
import { programScript } from './program-script.ts'

/** A way into the card. */
export interface Door {
  readonly domain: Uint8Array
  readonly keys: KeySet
  readonly keyVersion: number
  readonly scp: Scp
  readonly levels: readonly SecurityLevel[]
}

/** Keys for short messages to the issuer security domain. */
export interface AirKeys {
  readonly keyVersion: number
  readonly type: 'DES' | 'AES'
  readonly kic: Uint8Array
  readonly kid: Uint8Array
}

export interface Base {
  readonly image: ReadonlyMap<string, Uint8Array>
  readonly doors: readonly Door[]
  readonly air: AirKeys | undefined
  /** Octets that must never stand in an answer. */
  readonly secrets: readonly Uint8Array[]
  readonly minimumLevel: number
  /** LOAD of a second package, after its INSTALL [for load]. */
  readonly anotherLoad: readonly CommandApdu[]
}

const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex)
export const names = {
  issuer: bytes(aids.issuerSecurityDomain),
  domain: bytes('A0000001515350F0'),
  anotherDomain: bytes('A0000001515350F1'),
  package: bytes('A0000000620301'),
  anotherPackage: bytes('A0000000620302'),
  instance: bytes('A0000000620301AA'),
  anotherInstance: bytes('A0000000620302AA'),
} as const

const ownKeyVersion = { 2: 0x25, 3: 0x35 } as const

export async function makeBase(simType: NamedSimType, random: (length: number) => Uint8Array): Promise<Base> {
  const image = new Map<string, Uint8Array>()
  const nvm = memoryNvm({ image })
  const casdKey = random(32)
  const issuerKeys = await makeSim(nvm, {
    iccid: '8981990000000000003',
    simType,
    masterKey: ({ keyBits }) => random(keyBits / 8),
    controllingAuthority: { privateKey: casdKey, certificate: bytes('7F2103530142') },
    random,
  })
  const doors = issuerKeys.keySets.map(doorOf)
  const [front] = doors
  if (front === undefined) throw new TypeError('a SIM has a key set')
  const host = hostOn(openSim({ nvm, random }), random)
  await open(host, front)
  const own = await makeDomain(host, front, random)
  for (const apdu of loadOf(names.package, issuerKeys)) await host.must('LOAD', apdu)
  await host.must('INSTALL', installProgram(names.package, names.instance))
  return {
    image,
    doors: [...doors, own],
    air: airKeysOf(issuerKeys),
    secrets: secretsOf(issuerKeys, own.keys, casdKey),
    minimumLevel: Number.parseInt(simType.type.minimumLevel, 16),
    anotherLoad: loadOf(names.anotherPackage, issuerKeys),
  }
}

function airKeysOf({ overTheAirKeys: set, keySets }: IssuerKeys): AirKeys | undefined {
  if (set === undefined) return undefined
  const type = keySets[0]?.scp === 2 ? 'DES' : 'AES'
  return { keyVersion: Number.parseInt(set.keyVersion, 16), type, kic: bytes(set.kic.key), kid: bytes(set.kid.key) }
}

function doorOf({ scp: number, i, keyVersion, ...set }: IssuerKeys['keySets'][number]): Door {
  const scp = scpOf({ scp: number, i: Number.parseInt(i, 16) })
  if (scp === undefined) throw new TypeError(`SCP0${number} i=${i} is no secure channel`)
  return {
    domain: bytes(set.securityDomain),
    keys: { enc: bytes(set.enc.key), mac: bytes(set.mac.key), dek: bytes(set.dek.key) },
    keyVersion: Number.parseInt(keyVersion, 16),
    scp,
    levels: levelsOf(scp),
  }
}

const open = (host: Host, { domain, keys, keyVersion, scp, levels }: Door) =>
  host.open({ aid: domain, keys, keyVersion, scp, level: levels.at(-1) ?? 0x01 })

/** With keys of its own, put under those of the issuer. */
async function makeDomain(host: Host, front: Door, random: (length: number) => Uint8Array): Promise<Door> {
  await host.must('INSTALL', installDomain(names.domain))
  await open(host, { ...front, domain: names.domain })
  if (host.session === undefined) throw new TypeError('the secure channel is closed')
  const { length } = front.keys.enc
  const keys = { enc: random(length), mac: random(length), dek: random(length) }
  const number = front.scp.protocol === '02' ? 2 : 3
  const keyVersion = ownKeyVersion[number]
  await host.must('PUT KEY', putKeySet(host.session, { type: number === 2 ? 'DES' : 'AES', keys, keyVersion }))
  await open(host, { ...front, domain: names.issuer })
  return { ...front, domain: names.domain, keys, keyVersion }
}

export const installDomain = (instance: Uint8Array): CommandApdu =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: bytes(aids.securityDomainPackage),
      module: bytes(aids.securityDomainModule),
      instance,
      privileges: ['securityDomain'],
      parameters: { application: SecurityDomainParameters.encode({ secureChannelProtocols: [] }) },
    },
  })

const moduleOf = (packageAid: Uint8Array): Uint8Array => Uint8Array.of(...packageAid, 0x01)

export const installProgram = (packageAid: Uint8Array, instance: Uint8Array): CommandApdu =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: packageAid,
      module: moduleOf(packageAid),
      instance,
      privileges: [],
      parameters: { application: new Uint8Array() },
    },
  })

function loadOf(packageAid: Uint8Array, { dapKey }: IssuerKeys): readonly CommandApdu[] {
  const dataBlock = encodeProgram({
    packageAid,
    version: { major: 1, minor: 0 },
    moduleAids: [moduleOf(packageAid)],
    script: programScript,
  })
  const hash = sha256(dataBlock)
  const dapBlocks =
    dapKey === undefined ? [] : [makeDapBlock(bytes(dapKey.securityDomain), createPrivateKey(dapKey.privateKey), hash)]
  const blocks = cutBlocks(LoadFile.encode({ dapBlocks, dataBlock, ciphered: false }), 223)
  return [
    InstallForLoad.toApdu({ data: { loadFile: packageAid, hash } }),
    ...blocks.map((data, at) => Load.toApdu({ p1: at === blocks.length - 1 ? 'last' : 'more', p2: at & 0xff, data })),
  ]
}

const secretsOf = (
  { keySets, receiptKey, overTheAirKeys: air, preSharedKey }: IssuerKeys,
  own: KeySet,
  casdKey: Uint8Array,
): readonly Uint8Array[] => [
  ...keySets.flatMap(({ enc, mac, dek }) => [enc, mac, dek].map(({ key }) => bytes(key))),
  ...(receiptKey === undefined ? [] : [bytes(receiptKey.key)]),
  ...[air?.kic, air?.kid, air?.dek, preSharedKey?.dek].flatMap((one) => (one === undefined ? [] : [bytes(one.key)])),
  ...(preSharedKey === undefined ? [] : [bytes(preSharedKey.key)]),
  ...[own.enc, own.mac, own.dek],
  casdKey,
]
