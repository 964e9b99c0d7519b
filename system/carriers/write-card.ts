/**
 * The maker writes a SIM of a type. What the card is comes first; then, over APDUs and under the carrier's keys, what the carrier's
 * way of management needs: token and receipt keys, and the security domain that verifies every load file. GPCS v2.3.1 §9.1.3, §9.2.1.
 */
import { createPublicKey } from 'node:crypto'
import {
  type AccessRule,
  componentsOf,
  InstallForInstall,
  type KeyBlock,
  levelsOf,
  PutKey,
  type Scp,
  scpOf,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import { iccidOctets } from '@mobile-jpki/jpki'
import type { MakerKeys } from '@mobile-jpki/mno-tsm/contract'
import type { Nvm } from '@mobile-jpki/nvm'
import { manufacture, openSim } from '@mobile-jpki/sim'
import { aids, type ManufactureParameters, type SimProfile } from '@mobile-jpki/sim/contract'
import { type Host, hostOn } from '../sim/host.ts'
import type { NamedSimType } from './carriers.ts'

export interface Card {
  readonly iccid: string
  readonly imsi?: string | undefined
  readonly simType: NamedSimType
  /** The first ten octets of its answer to INITIALIZE UPDATE. */
  readonly keyDiversificationData: Uint8Array
  readonly keys: MakerKeys
  /** For a type with CASD: its key and certificate. */
  readonly controllingAuthority?: NonNullable<ManufactureParameters['casd']> | undefined
  /** For a type with access rules: the first ones; without any it is made without their application. */
  readonly accessRules?: readonly AccessRule[] | undefined
  readonly random: (length: number) => Uint8Array
}

/** What the card itself has to know of its type. */
export const profileOf = ({ name, type }: NamedSimType): Partial<SimProfile> => ({
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

export async function writeCard(nvm: Nvm, card: Card): Promise<void> {
  const { iccid, imsi, simType, keyDiversificationData, keys, controllingAuthority: casd, accessRules, random } = card
  const { type, carrier } = simType
  const [first, ...others] = keys.keySets
  if (first === undefined) throw new TypeError('a SIM type has a key set')
  const { overTheAir, psk } = keys
  manufacture(nvm, {
    iccid: iccidOctets(iccid),
    ...(imsi !== undefined && { imsi }),
    serviceProvider: carrier.name,
    iin: Uint8Array.fromHex(carrier.iccidPrefix),
    cin: iccidOctets(iccid),
    kdd: keyDiversificationData,
    keySets: [first, ...others],
    profile: profileOf(simType),
    ...(overTheAir && { shortMessageKeys: [overTheAir] }),
    ...(psk && { administrationKeys: [{ keyVersion: psk.keyVersion, psk: psk.key, dek: psk.dek }] }),
    ...(type.controllingAuthority && casd !== undefined && { casd }),
    ...(type.accessRules && accessRules !== undefined && { accessRules }),
  })
  const { token, receipt, dap } = keys
  if (token === undefined && receipt === undefined && dap === undefined) return

  const host = hostOn(openSim({ nvm, random }), random)
  const openDomain = (aid: Uint8Array) =>
    host.open({ ...strongest(first), keys: first, keyVersion: first.keyVersion, aid })
  await openDomain(Uint8Array.fromHex(aids.issuerSecurityDomain))
  if (token !== undefined) await putKey(host, token.keyVersion, publicBlock(token.spki))
  if (receipt !== undefined) await putKey(host, receipt.keyVersion, secretBlock(host, receipt))
  if (dap !== undefined) await makeDapDomain(host, dap, () => openDomain(dap.securityDomain))
}

function strongest({ scp: number, i }: { scp: number; i: number }): {
  scp: Scp
  level: ReturnType<typeof levelsOf>[number]
} {
  const scp = scpOf({ scp: number, i })
  if (scp === undefined) throw new TypeError(`SCP0${number} i=${i.toString(16)} is no secure channel`)
  return { scp, level: levelsOf(scp).at(-1) ?? 0x01 }
}

const putKey = (host: Host, keyVersion: number, key: KeyBlock): Promise<Uint8Array> =>
  host.must(
    'PUT KEY',
    PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion, keys: [key] } }),
  )

const publicBlock = (spki: Uint8Array): KeyBlock => ({
  components: componentsOf(createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' })),
  checkValue: new Uint8Array(),
})

function secretBlock({ session }: Host, { type, key }: NonNullable<MakerKeys['receipt']>): KeyBlock {
  if (session === undefined) throw new TypeError('the secure channel is closed')
  return wrapKey(session, type, key)
}

/** A domain with mandated DAP verification: it has no secure channel keys of its own, so the issuer's open it. */
async function makeDapDomain(
  host: Host,
  { securityDomain, keyVersion, spki }: NonNullable<MakerKeys['dap']>,
  openDomain: () => Promise<unknown>,
): Promise<void> {
  const install = InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: Uint8Array.fromHex(aids.securityDomainPackage),
      module: Uint8Array.fromHex(aids.securityDomainModule),
      instance: securityDomain,
      privileges: ['securityDomain', 'dapVerification', 'mandatedDapVerification'],
      parameters: { application: new Uint8Array() },
    },
  })
  await host.must('INSTALL [for install]', install)
  await openDomain()
  await putKey(host, keyVersion, publicBlock(spki))
}
