/**
 * The carriers' keys: master keys in the keyring, from which those of one SIM follow, and private keys sealed in the store. Key
 * map: docs/ceremonies.
 */
import { diversify } from '@mobile-jpki/globalplatform'
import { iccidOctets } from '@mobile-jpki/jpki'
import type { Keyring } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import type { IssuerKeySet } from '../contract.ts'
import type { Carriers } from '../domain/carriers.ts'
import type { CarrierKeys, KeyedSim, SigningKeyRecords } from '../domain/world.ts'
import { dapDomain, keyVersions } from './key-versions.ts'
import { type ReadKeys, signingKeys } from './signing-keys.ts'

/** Under this one an initial key set waits until its SIM has it. */
const wrappingKey = 'initial-key-sets'

const receipts = { des: ['DES', 16], 'aes-128': ['AES', 16], 'aes-256': ['AES', 32] } as const

export const carrierKeysIn = (keyring: Keyring, carriers: Carriers, records: SigningKeyRecords): CarrierKeys =>
  keysOver(keyring, carriers, records, new Map())

function keysOver(keyring: Keyring, carriers: Carriers, records: SigningKeyRecords, read: ReadKeys): CarrierKeys {
  const signing = signingKeys(keyring, records, read)
  /** Every use has a master key of its own; the SIM's data make it the SIM's. */
  const derived = async ({ carrier, keyDiversificationData }: KeyedSim, use: string, length: number) =>
    diversify('kdf3', await keyring.octets(`${carrier}.${use}`, length), keyDiversificationData)
  const managementOf = (sim: KeyedSim) => {
    const { management } = carriers.typeOf(sim)
    if (management.model === 'delegated') return management
    throw new Refusal('not-supported', `A SIM of type ${sim.profile} is not managed by tokens.`, { whose: 'mno-tsm' })
  }
  return {
    issuerKeySet: async ({ carrier, keyDiversificationData }, keySet) => {
      const master = await keyring.octets(masterName(carriers, carrier, keySet), keySet.keyBits / 8)
      return diversify(keySet.diversification, master, keyDiversificationData)
    },
    overTheAir: async (sim) => {
      const { enc: kic, mac: kid, dek } = await derived(sim, 'over-the-air', 16)
      const type = carriers.typeOf(sim).keySets[0]?.scp === 2 ? 'DES' : 'AES'
      return { keyVersion: keyVersions.overTheAir, type, kic, kid, dek }
    },
    preShared: async (sim) => {
      const { enc: key, dek } = await derived(sim, 'pre-shared', 16)
      return { keyVersion: keyVersions.preShared, keyIdentifier: 1, identity: preSharedIdentity(sim.iccid), key, dek }
    },
    receipt: async (sim) => {
      const [type, length] = receipts[managementOf(sim).receipts]
      const { enc: key } = await derived(sim, `receipts.${8 * length}`, length)
      return { keyVersion: keyVersions.receipt, type, key }
    },
    token: async (sim) => ({
      keyVersion: keyVersions.token,
      ...(await signing.token(sim.carrier, managementOf(sim).tokens)),
    }),
    dap: async (sim) => {
      const { mandatedDap } = carriers.typeOf(sim)
      if (mandatedDap === 'none')
        throw new Refusal('not-supported', `A SIM of type ${sim.profile} takes load files without a signature.`)
      return {
        keyVersion: keyVersions.dap,
        securityDomain: dapDomain,
        ...(await signing.dap(sim.carrier, mandatedDap)),
      }
    },
    within: (held) => keysOver(keyring, carriers, held, read),
    wrap: (keySet, orderId) => keyring.seal(wrappingKey, keySet, orderId),
    unwrap: (wrapped, orderId) => keyring.open(wrappingKey, wrapped, orderId),
  }
}

const masterName = (carriers: Carriers, carrier: string, { keyVersion, keyBits }: IssuerKeySet): string =>
  carriers.served.get(carrier)?.masterKeys?.[keyVersion] ?? `${carrier}.issuer-${keyVersion.toLowerCase()}.${keyBits}`

/** Who the SIM says that it is when it calls: its number, key version 40, key identifier 01. */
const preSharedIdentity = (iccid: string): string => `${iccidOctets(iccid).toHex()}4001`
