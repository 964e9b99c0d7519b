/** The SIMs of test persons: made once by their maker, then opened from their memory files. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type AccessRule, deviceApplicationOf } from '@mobile-jpki/globalplatform'
import type { Card } from '@mobile-jpki/iso7816'
import { appletInstance, iccidOctets } from '@mobile-jpki/jpki'
import type { ServiceIdentity } from '@mobile-jpki/keyring'
import { provisionSim } from '@mobile-jpki/mno-tsm/contract'
import { type Nvm, NvmError, openChip, openNvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import { call, connectTo } from '@mobile-jpki/service'
import { openSim, type Sim } from '@mobile-jpki/sim'
import { simTypeNamed } from '../../carriers/carriers.ts'
import type { ControllingAuthority } from '../../carriers/controlling-authority.ts'
import { writeCard } from '../../carriers/write-card.ts'
import type { TestPerson } from '../people.ts'

export interface OpenCard<C extends Card = Card> {
  readonly card: C
  readonly nvm: Nvm
  close(): void
}

const random = (length: number) => new Uint8Array(randomBytes(length))

/** The chip, with its key and counter, lies beside its memory, as it lies inside a real card. */
export async function memoryOf(directory: string, name: string): Promise<Nvm> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    return openNvm({ file: join(directory, `${name}.nvm`), chip: openChip(join(directory, `${name}.chip-key`)) })
  } catch (error) {
    if (error instanceof NvmError && error.code === 'nvm.rolled-back')
      throw new Refusal('conditions.not-satisfied', `${join(directory, name)}.nvm: ${error.message}`, {
        whose: 'user',
        cause: error,
      })
    throw error
  }
}

export const openSimIn = async (directory: string): Promise<OpenCard<Sim>> => {
  const nvm = await memoryOf(directory, 'sim')
  return { card: openSim({ nvm, random }), nvm, close: () => nvm.close() }
}

/**
 * A carrier's new SIM: keys from the carrier, attestation key and certificate from the controlling authority, and where its type
 * has access rules, one for the app of the provider that signs with `appSigner` (P-256 point).
 */
export async function simFor(
  directory: string,
  person: Pick<TestPerson, 'sim' | 'phone' | 'fourItems'>,
  mnoTsm: string,
  maker: ServiceIdentity,
  authority: ControllingAuthority,
  appSigner?: Uint8Array,
): Promise<OpenCard<Sim>> {
  const line = { msisdn: person.phone.msisdn, subscriber: person.fourItems.name }
  return makeSimIn(directory, { ...person.sim, line }, { mnoTsm, maker, authority, appSigner })
}

export interface OrderedSim {
  readonly iccid: string
  /** The name of its type. */
  readonly profile: string
  /** None for a spare SIM. */
  readonly line?: { readonly msisdn: string; readonly subscriber: string; readonly user?: string | undefined }
}

export interface Makers {
  readonly mnoTsm: string
  readonly maker: ServiceIdentity
  readonly authority: ControllingAuthority
  readonly appSigner?: Uint8Array | undefined
}

/** Made if the folder holds none. The maker may be interrupted anywhere: the card is there whole, or it is begun anew. */
export async function makeSimIn(directory: string, ordered: OrderedSim, makers: Makers): Promise<OpenCard<Sim>> {
  const nvm = await memoryOf(directory, 'sim')
  if (nvm.get('card/iccid') === undefined) {
    const { iccid, profile } = ordered
    const simType = simTypeNamed(profile)
    // The same whenever it is asked, as the carrier demands it for one SIM.
    const keyDiversificationData = iccidOctets(iccid)
    const { imsi, keys } = await askCarrier(makers, simType.carrierId, { ...ordered, keyDiversificationData })
    const { type } = simType
    const { appSigner, authority } = makers
    await writeCard(nvm, {
      iccid,
      imsi,
      simType,
      keyDiversificationData,
      keys,
      controllingAuthority: type.controllingAuthority ? await authority.certify(iccid) : undefined,
      accessRules: appSigner && [ruleFor(appSigner)],
      random,
    })
  }
  return { card: openSim({ nvm, random }), nvm, close: () => nvm.close() }
}

async function askCarrier(
  { mnoTsm, maker }: Makers,
  carrier: string,
  sim: OrderedSim & { readonly keyDiversificationData: Uint8Array },
) {
  const peer = connectTo({ url: mnoTsm, actor: 'mno-tsm', as: 'system', tls: maker })
  try {
    return await call(peer, provisionSim, { functionCall: { id: randomUUID() }, carrier, ...sim })
  } finally {
    await peer.close()
  }
}

/** The app of this provider reaches the JPKI applet, and no other app reaches anything. */
const ruleFor = (appSigner: Uint8Array): AccessRule => ({
  reference: { application: appletInstance, device: deviceApplicationOf(appSigner) },
  access: { apdu: 'always' },
})
