/** A supplementary security domain: made, given its first keys. GPCS v2.3.1 §11.5, §11.11; UICC Configuration §7. */
import {
  cutBlocks,
  DataGroupings,
  InstallForInstall,
  InstallForPersonalization,
  type KeyEncryption,
  type KeySet,
  keyCheckValue,
  keyPurposes,
  keySetGroupings,
  keyTypes,
  type Privilege,
  SecurityDomainParameters,
  StoreData,
  wrapSecret,
} from '@mobile-jpki/globalplatform'
import { type Instruction, instruct } from '@mobile-jpki/seram'
import { type ChannelTerms, keyLengthOf, keyTypeOf, type ManagementModel } from './terms.ts'

/** What its owner may do with content by itself. GPCS §6.6, §9.1.3. */
const management: Readonly<Record<ManagementModel, readonly Privilege[]>> = {
  simple: [],
  delegated: ['delegatedManagement'],
  authorized: ['authorizedManagement'],
}

export interface NewDomain {
  readonly loadFile: Uint8Array
  readonly module: Uint8Array
  readonly aid: Uint8Array
  readonly model: ManagementModel
  readonly terms: ChannelTerms
  /** By which short messages find it. TS 102 226 §8.2.1.3.2.2. */
  readonly tar?: Uint8Array
}

/** Nothing of a toolkit application but its TAR. */
const reachedBy = (tar: Uint8Array) => ({
  toolkit: { priority: 0xff, timers: 0, channels: 0, tars: [tar], services: 0 },
})

export const makeDomain = ({ loadFile, module, aid, model, terms, tar }: NewDomain): Instruction =>
  instruct(InstallForInstall, {
    p1: 'installAndMakeSelectable',
    data: {
      loadFile,
      module,
      instance: aid,
      privileges: ['securityDomain', 'trustedPath', ...management[model]],
      parameters: {
        application: SecurityDomainParameters.encode({
          secureChannelProtocols: [Uint8Array.of(terms.scp, terms.i)],
          acceptsExtraditionHere: Uint8Array.of(0x20, 0x20),
          acceptsDeletion: Uint8Array.of(0x20, 0x20),
          acceptsExtraditionAway: Uint8Array.of(0x20, 0x20),
        }),
        ...(tar && { uicc: reachedBy(tar) }),
      },
    },
  })

/** One STORE DATA holds the whole set: the domain is PERSONALIZED with all of its keys, or not at all. */
export function giveKeys(
  session: KeyEncryption,
  aid: Uint8Array,
  { keys, keyVersion, terms }: { readonly keys: KeySet; readonly keyVersion: number; readonly terms: ChannelTerms },
): readonly Instruction[] {
  const three = [keys.enc, keys.mac, keys.dek]
  const type = keyTypeOf(terms)
  const description = {
    type: keyTypes[type],
    length: keyLengthOf(terms),
    keyVersion,
    access: 0x01,
    purpose: terms.scp === 2 ? keyPurposes.scp02 : keyPurposes.scp03,
    keys: three.map((key, at) => ({ keyIdentifier: at + 1, checkValue: keyCheckValue(type, key) })),
  }
  const encrypted = three.map((key) => wrapSecret(session, key))
  return [
    instruct(InstallForPersonalization, { data: { application: aid } }),
    instruct(StoreData, {
      p1: { last: true, encryption: 'encrypted', structure: 'dgi', answer: false },
      p2: 0,
      data: DataGroupings.encode(keySetGroupings(description, encrypted)),
    }),
  ]
}

/** What the owner-to-be and the CASD have to say to each other; whoever relays it cannot read it. GPCS Amendment A §4. */
export function relaySetUp(aid: Uint8Array, message: Uint8Array, blockLength: number): readonly Instruction[] {
  const blocks = cutBlocks(message, blockLength)
  return [
    instruct(InstallForPersonalization, { data: { application: aid } }),
    ...blocks.map((data, p2) => {
      const last = p2 === blocks.length - 1
      return instruct(StoreData, { p1: { last, encryption: 'none', structure: 'dgi', answer: last }, p2, data })
    }),
  ]
}
