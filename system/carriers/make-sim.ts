/**
 * A new SIM of a type. The maker writes what the card is; then, over APDUs and under the carrier's keys, what the carrier's
 * way of management needs: token and receipt keys, and the security domain that verifies every load file. GPCS v2.3.1 §9.1.3, §9.2.1.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import {
  componentsOf,
  diversify,
  InstallForInstall,
  type KeyBlock,
  keyCheckValue,
  levelsOf,
  PutKey,
  type Scp,
  scpOf,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import { iccidOctets } from '@mobile-jpki/jpki'
import type { IssuerKeySet, SignatureAlgorithm, SimType } from '@mobile-jpki/mno-tsm/contract'
import type { Nvm } from '@mobile-jpki/nvm'
import { manufacture, openSim } from '@mobile-jpki/sim'
import { aids, type ManufactureParameters, type SimProfile } from '@mobile-jpki/sim/contract'
import { type Host, hostOn } from '../sim/host.ts'
import type { NamedSimType } from './carriers.ts'
import type { IssuerKeys } from './issuer-keys.ts'

/** Key versions by use, GP UICC Configuration §4; key identifier 01. */
const keyVersions = { token: 0x70, receipt: 0x71, dap: 0x73 } as const

/** The carrier's security domain that verifies load files: `DAP` behind GlobalPlatform's own. */
const dapDomain = 'A0000001515350444150'

export interface NewSim {
  readonly iccid: string
  readonly simType: NamedSimType
  /** The carrier's master key, in the length that the key set needs. */
  readonly masterKey: (keySet: IssuerKeySet) => Uint8Array
  /** For a type with CASD: its key and certificate. */
  readonly controllingAuthority?: NonNullable<ManufactureParameters['casd']> | undefined
  readonly random: (length: number) => Uint8Array
}

const hex = (octets: Uint8Array): string => octets.toHex().toUpperCase()
const hexOctet = (octet: number): string => hex(Uint8Array.of(octet))

/** What the card itself has to know of its type. */
export const profileOf = ({ name, type }: NamedSimType): SimProfile => ({
  name,
  atr: Uint8Array.fromHex(type.atr),
  nvmSize: type.memory.nonVolatile,
  ramSize: type.memory.volatile,
  minimumLevel: Number.parseInt(type.minimumLevel, 16),
  highestChannel: type.logicalChannels - 1,
  largestData: type.largestData,
  rsaBits: type.rsa.longest,
  rsaGeneration: type.rsa.generation,
  javaCard: type.javaCard,
})

export async function makeSim(nvm: Nvm, sim: NewSim): Promise<IssuerKeys> {
  const { iccid, simType, masterKey, controllingAuthority: casd, random } = sim
  const { type, carrier, name } = simType
  const kdd = random(10)
  const keySets = type.keySets.map((keySet) => ({
    keySet,
    keys: diversify(keySet.diversification, masterKey(keySet), kdd),
  }))
  const [first, ...others] = keySets.map(({ keySet, keys }) => ({
    scp: keySet.scp,
    i: Number.parseInt(keySet.i, 16),
    keyVersion: Number.parseInt(keySet.keyVersion, 16),
    ...keys,
  }))
  if (first === undefined) throw new TypeError('a SIM type has a key set')
  manufacture(nvm, {
    iccid: iccidOctets(iccid),
    iin: Uint8Array.fromHex(carrier.iccidPrefix),
    cin: iccidOctets(iccid),
    kdd,
    keySets: [first, ...others],
    profile: profileOf(simType),
    ...(type.controllingAuthority && casd !== undefined && { casd }),
    ...(type.accessRules && { accessRules: [] }),
  })

  const host = hostOn(openSim({ nvm, random }), random)
  const openDomain = (aid: string) =>
    host.open({ ...strongest(first), keys: first, keyVersion: first.keyVersion, aid: Uint8Array.fromHex(aid) })
  await openDomain(aids.issuerSecurityDomain)
  const management = await putManagementKeys(host, type, random)
  const dapKey =
    type.mandatedDap === 'none' ? undefined : await makeDapDomain(host, type.mandatedDap, () => openDomain(dapDomain))

  return {
    secret: 'The issuer keys of one SIM. Whoever has them can load, delete and lock in it.',
    iccid,
    simType: name,
    keyDiversificationData: hex(kdd),
    keySets: keySets.map(({ keySet: { scp, i, keyVersion }, keys: { enc, mac, dek } }) => {
      const shown = (key: Uint8Array) => ({
        key: hex(key),
        checkValue: hex(keyCheckValue(scp === 2 ? 'DES' : 'AES', key)),
      })
      const securityDomain = aids.issuerSecurityDomain
      return { securityDomain, scp, i, keyVersion, enc: shown(enc), mac: shown(mac), dek: shown(dek) }
    }),
    ...management,
    ...(dapKey && { dapKey }),
  }
}

function strongest({ scp: number, i }: { scp: number; i: number }): {
  scp: Scp
  level: ReturnType<typeof levelsOf>[number]
} {
  const scp = scpOf({ scp: number, i })
  if (scp === undefined) throw new TypeError(`SCP0${number} i=${hexOctet(i)} is no secure channel`)
  return { scp, level: levelsOf(scp).at(-1) ?? 0x01 }
}

const putKey = (host: Host, keyVersion: number, key: KeyBlock): Promise<Uint8Array> =>
  host.must(
    'PUT KEY',
    PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion, keys: [key] } }),
  )

const receiptKeys = { des: ['DES', 16], 'aes-128': ['AES', 16], 'aes-256': ['AES', 32] } as const

async function putManagementKeys(
  host: Host,
  { management }: SimType,
  random: NewSim['random'],
): Promise<Pick<IssuerKeys, 'tokenKey' | 'receiptKey'>> {
  if (management.model !== 'delegated') return {}
  const { tokens, receipts } = management
  const token = signatureKey(tokens)
  await putKey(host, keyVersions.token, token.block)
  const [type, length] = receiptKeys[receipts]
  const receipt = random(length)
  if (host.session === undefined) throw new TypeError('the secure channel is closed')
  await putKey(host, keyVersions.receipt, wrapKey(host.session, type, receipt))
  return {
    tokenKey: { keyVersion: hexOctet(keyVersions.token), algorithm: tokens, privateKey: token.privateKey },
    receiptKey: {
      keyVersion: hexOctet(keyVersions.receipt),
      algorithm: receipts,
      key: hex(receipt),
      checkValue: hex(keyCheckValue(type, receipt)),
    },
  }
}

/** A domain with mandated DAP verification: it has no secure channel keys of its own, so the issuer's open it. */
async function makeDapDomain(
  host: Host,
  algorithm: SignatureAlgorithm,
  openDomain: () => Promise<unknown>,
): Promise<NonNullable<IssuerKeys['dapKey']>> {
  const install = InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: Uint8Array.fromHex(aids.securityDomainPackage),
      module: Uint8Array.fromHex(aids.securityDomainModule),
      instance: Uint8Array.fromHex(dapDomain),
      privileges: ['securityDomain', 'dapVerification', 'mandatedDapVerification'],
      parameters: { application: new Uint8Array() },
    },
  })
  await host.must('INSTALL [for install]', install)
  await openDomain()
  const { block, privateKey } = signatureKey(algorithm)
  await putKey(host, keyVersions.dap, block)
  return { securityDomain: dapDomain, keyVersion: hexOctet(keyVersions.dap), algorithm, privateKey }
}

/** A new pair: its public half as PUT KEY carries it, its private half as PKCS #8. */
function signatureKey(algorithm: SignatureAlgorithm): { readonly block: KeyBlock; readonly privateKey: string } {
  const { privateKey } =
    algorithm === 'p-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: algorithm === 'rsa-1024' ? 1024 : 2048 })
  return {
    block: { components: componentsOf(createPublicKey(privateKey)), checkValue: new Uint8Array() },
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}
