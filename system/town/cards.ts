/** The SIMs of test persons: made once by their maker, then opened from their memory files. */
import { randomBytes } from 'node:crypto'
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
import { manufacture, openSim, type Sim } from '@mobile-jpki/sim'
import { simTypeNamed } from '../carriers/carriers.ts'
import { profileOf } from '../carriers/make-sim.ts'
import type { ControllingAuthority } from './controlling-authority.ts'
import type { TestPerson } from './people.ts'

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
 * Carrier A's new SIM: keys from the carrier, attestation key and certificate from the controlling authority, and an access
 * rule for the app of the provider that signs with `appSigner` (P-256 point); without it, no access rules.
 */
export async function simFor(
  directory: string,
  person: TestPerson,
  mnoTsm: string,
  maker: ServiceIdentity,
  authority: ControllingAuthority,
  appSigner?: Uint8Array,
): Promise<OpenCard<Sim>> {
  const nvm = await memoryOf(directory, 'sim')
  if (nvm.get('card/iccid') === undefined) {
    const { iccid, profile } = person.sim
    // The same whenever it is asked: the maker may be interrupted between the carrier's answer and the SIM.
    const kdd = iccidOctets(iccid)
    const carrier = connectTo({ url: mnoTsm, actor: 'mno-tsm', as: 'system', tls: maker })
    const line = { msisdn: person.phone.msisdn, subscriber: person.fourItems.name }
    const simType = simTypeNamed(profile)
    const { keySet } = await call(carrier, provisionSim, { iccid, keyDiversificationData: kdd, profile, line })
    await carrier.close()
    manufacture(nvm, {
      iccid: iccidOctets(iccid),
      iin: Uint8Array.fromHex('89811000'),
      cin: iccidOctets(iccid),
      kdd,
      keySets: [keySet],
      profile: profileOf(simType),
      ...(simType.type.controllingAuthority && { casd: await authority.certify(iccid) }),
      ...(simType.type.accessRules && appSigner !== undefined && { accessRules: [ruleFor(appSigner)] }),
    })
  }
  return { card: openSim({ nvm, random }), nvm, close: () => nvm.close() }
}

/** The app of this provider reaches the JPKI applet, and no other app reaches anything. */
const ruleFor = (appSigner: Uint8Array): AccessRule => ({
  reference: { application: appletInstance, device: deviceApplicationOf(appSigner) },
  access: { apdu: 'always' },
})
