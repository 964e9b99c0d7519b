/** The commands of the tests, as a TSM would speak them, each ready for the secure channel. */
import {
  cutBlocks,
  Delete,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  InstallForMakeSelectable,
  InstallForPersonalization,
  type InstallParameters,
  type KeyBlock,
  type KeyComponent,
  type KeySet,
  Load,
  LoadFile,
  type Privilege,
  PutKey,
  type SecureChannelSession,
  SecurityDomainParameters,
  SetStatus,
  StoreData,
  sha256,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { aids } from '../contract.ts'
import { bytes, counterScript, domainAid, instanceAid, moduleAid, packageAid, program } from './host.ts'

const parameters = (application: Uint8Array): InstallParameters => ({ application })

export const createDomain = (
  instance: Uint8Array = domainAid,
  {
    privileges = [],
    options = { secureChannelProtocols: [] },
  }: { privileges?: Privilege[]; options?: SecurityDomainParameters } = {},
): CommandApdu =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: bytes(aids.securityDomainPackage),
      module: bytes(aids.securityDomainModule),
      instance,
      privileges: ['securityDomain', ...privileges],
      parameters: parameters(SecurityDomainParameters.encode(options)),
    },
  })

export const putKeys = (session: SecureChannelSession, keys: KeySet, keyVersion: number, replaced = 0): CommandApdu =>
  PutKey.toApdu({
    p1: replaced,
    p2: { keyIdentifier: 1, several: true },
    data: { keyVersion, keys: [keys.enc, keys.mac, keys.dek].map((key) => wrapKey(session, 'AES', key)) },
  })

export const announceLoad = (
  dataBlock: Uint8Array,
  { securityDomain, hash = sha256(dataBlock) }: { securityDomain?: Uint8Array; hash?: Uint8Array } = {},
): CommandApdu =>
  InstallForLoad.toApdu({ data: { loadFile: packageAid, hash, ...(securityDomain && { securityDomain }) } })

export function loadBlocks(dataBlock: Uint8Array): CommandApdu[] {
  const blocks = cutBlocks(LoadFile.encode({ dapBlocks: [], dataBlock, ciphered: false }), 223)
  return blocks.map((data, at) => Load.toApdu({ p1: at === blocks.length - 1 ? 'last' : 'more', p2: at & 0xff, data }))
}

export const wholeLoad = (script: string = counterScript, securityDomain?: Uint8Array): CommandApdu[] => {
  const dataBlock = program(script)
  return [announceLoad(dataBlock, securityDomain && { securityDomain }), ...loadBlocks(dataBlock)]
}

export const installCounter = (
  p1: 'install' | 'installAndMakeSelectable' = 'installAndMakeSelectable',
  { instance = instanceAid, application = new Uint8Array(), privileges = [] as Privilege[] } = {},
): CommandApdu =>
  InstallForInstall.toApdu({
    p1,
    data: { loadFile: packageAid, module: moduleAid, instance, privileges, parameters: parameters(application) },
  })

export const makeSelectable = (instance: Uint8Array = instanceAid): CommandApdu =>
  InstallForMakeSelectable.toApdu({ data: { instance, privileges: [] } })

export const extradite = (application: Uint8Array, securityDomain: Uint8Array): CommandApdu =>
  InstallForExtradition.toApdu({ data: { application, securityDomain } })

export const personalize = (application: Uint8Array): CommandApdu =>
  InstallForPersonalization.toApdu({ data: { application } })

export const storeData = (
  data: Uint8Array,
  {
    p2 = 0,
    last = true,
    encryption = 'none',
    structure = 'dgi',
    answer = false,
  }: Partial<Parameters<typeof StoreData.toApdu>[0]['p1']> & { p2?: number } = {},
): CommandApdu => StoreData.toApdu({ p1: { last, encryption, structure, answer }, p2, data })

export const remove = (aid: Uint8Array, p2: 'object' | 'objectAndRelated' = 'object'): CommandApdu =>
  Delete.toApdu({ p2, data: { aids: [aid] } })

export const removeKeys = (keyVersion: number, keyIdentifier?: number): CommandApdu =>
  Delete.toApdu({ p2: 'object', data: { aids: [], keyVersion, ...(keyIdentifier && { keyIdentifier }) } })

export const setState = (aid: Uint8Array, state: number): CommandApdu =>
  SetStatus.toApdu({ p1: 'application', p2: state, data: aid })

export const setCardState = (state: number): CommandApdu =>
  SetStatus.toApdu({ p1: 'issuerSecurityDomain', p2: state, data: new Uint8Array() })

/** One key, secret and wrapped, or public. */
export const putSingle = (keyVersion: number, key: KeyBlock): CommandApdu =>
  PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion, keys: [key] } })

export const putPublic = (keyVersion: number, components: readonly KeyComponent[]): CommandApdu =>
  putSingle(keyVersion, { components, checkValue: new Uint8Array() })
