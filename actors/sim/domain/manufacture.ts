/** The maker writes a new card: identity, issuer security domain with its keys, preloaded packages, controlling authority. GPCS v2.3.1 §5.1, §7.4. */
import { cardStates, keyTypes, loadFileStates, type Privilege } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { keepAccessRules } from '../access-rules/application.ts'
import { aids, type KeySet, type ManufactureParameters } from '../contract.ts'
import { keepControllingAuthority } from '../controlling-authority/service.ts'
import { isScp80, isScp81, keepDomainOptions, putKeySet } from '../security-domain/keys.ts'
import { keepImsi, keepServiceProvider } from '../uicc/files.ts'
import { SELECTABLE } from './life-cycle.ts'
import { keepProfile } from './profile.ts'
import { isManufactured, issuerKey, memoryOf, registryIn } from './registry.ts'

const issuerPrivileges: readonly Privilege[] = [
  'securityDomain',
  'cardLock',
  'cardTerminate',
  'cardReset',
  'cvmManagement',
  'trustedPath',
  'authorizedManagement',
  'tokenVerification',
  'globalDelete',
  'globalLock',
  'globalRegistry',
  'finalApplication',
  'receiptGeneration',
  'cipheredLoadFileDataBlock',
]

export class ManufactureError extends Error {
  override readonly name = 'ManufactureError'
}

/** Throws ManufactureError for parameters that no card can have, or a memory that is a card already. */
export function manufacture(nvm: Nvm, parameters: ManufactureParameters): void {
  check(nvm, parameters)
  const { iccid, imsi, serviceProvider, iin, cin, kdd, keySets, casd, accessRules } = parameters
  const registry = registryIn(nvm)
  const issuer = Uint8Array.fromHex(aids.issuerSecurityDomain)
  nvm.set(issuerKey, issuer)
  nvm.set('card/iccid', iccid)
  if (imsi !== undefined) keepImsi(nvm, imsi)
  if (serviceProvider !== undefined) keepServiceProvider(nvm, serviceProvider)
  nvm.set('card/kdd', kdd)
  nvm.set('card/cplc', parameters.cplc ?? productionData(iin, cin))
  keepProfile(nvm, parameters.profile ?? {})

  registry.put({
    aid: issuer,
    lifeCycle: cardStates.SECURED,
    privileges: issuerPrivileges,
    kind: 'securityDomain',
    securityDomain: issuer,
  })
  nvm.set(`${memoryOf(issuer)}data/42`, iin)
  nvm.set(`${memoryOf(issuer)}data/45`, cin)
  keepDomainOptions(nvm, issuer, { secureChannelProtocols: optionsOf(keySets) })
  for (const { scp, keyVersion, enc, mac, dek } of keySets) {
    const type = scp === 2 ? keyTypes.DES : keyTypes.AES
    const keys = [enc, mac, dek].map((value, at) => ({ id: at + 1, components: [{ type, value }] }))
    putKeySet(nvm, issuer, keyVersion, keys)
  }
  keepKeysOverTheAir(nvm, issuer, parameters)
  registry.putLoadFile({
    aid: Uint8Array.fromHex(aids.securityDomainPackage),
    lifeCycle: loadFileStates.LOADED,
    securityDomain: issuer,
    version: Uint8Array.of(1, 0),
    modules: [Uint8Array.fromHex(aids.securityDomainModule)],
    imports: [],
  })
  if (casd !== undefined) {
    keepControllingAuthority(nvm, casd)
    registry.put({
      aid: Uint8Array.fromHex(aids.casd),
      lifeCycle: SELECTABLE,
      privileges: ['globalService'],
      kind: 'authority',
      securityDomain: issuer,
    })
  }
  if (accessRules !== undefined) {
    keepAccessRules(nvm, accessRules, new Uint8Array(8))
    registry.put({
      aid: Uint8Array.fromHex(aids.accessRules),
      lifeCycle: SELECTABLE,
      privileges: [],
      kind: 'accessRules',
      securityDomain: issuer,
    })
  }
  nvm.commit()
}

function check(nvm: Nvm, parameters: ManufactureParameters): void {
  const {
    iccid,
    imsi,
    serviceProvider,
    kdd,
    keySets,
    casd,
    shortMessageKeys = [],
    administrationKeys = [],
  } = parameters
  const must = (holds: boolean, words: string) => {
    if (!holds) throw new ManufactureError(words)
  }
  must(!isManufactured(nvm), 'The memory is a card already.')
  must(iccid.length === 10, 'An ICCID has 10 octets.')
  must(imsi === undefined || /^\d{15}$/.test(imsi), 'An IMSI has 15 digits.')
  must(/^[ -~]{1,16}$/.test(serviceProvider ?? 'x'), 'A service provider has a name of 1 to 16 ASCII characters.')
  must(kdd.length === 10, 'Key diversification data have 10 octets.')
  for (const { scp, enc, mac, dek } of keySets)
    for (const key of [enc, mac, dek])
      must((scp === 2 ? [16] : [16, 24, 32]).includes(key.length), `A key of SCP0${scp} has another length.`)
  for (const { keyVersion, type, kic, kid, dek } of shortMessageKeys) {
    must(isScp80({ version: keyVersion }), 'A key version for short messages is 01 to 0F.')
    for (const key of [kic, kid, dek])
      must(
        (type === 'DES' ? [16, 24] : [16, 24, 32]).includes(key.length),
        'A key for short messages has another length.',
      )
  }
  for (const { keyVersion, psk, dek } of administrationKeys) {
    must(isScp81({ version: keyVersion }), 'A key version for administration over HTTP is 40 to 4F.')
    must(psk.length >= 16 && psk.length <= 64, 'A pre-shared key has 16 to 64 octets.')
    must([16, 24, 32].includes(dek.length), 'A key encryption key of AES has another length.')
  }
  must(new Set(keySets.map(({ keyVersion }) => keyVersion)).size === keySets.length, 'Two key sets have one version.')
  must(casd === undefined || casd.privateKey.length === 32, 'The CASD key has 32 octets.')
}

/** Keys 1 and 2 cipher and check, or are the pre-shared key and its key encryption key. UICC Configuration §4. */
function keepKeysOverTheAir(
  nvm: Nvm,
  issuer: Uint8Array,
  { shortMessageKeys = [], administrationKeys = [], administration }: ManufactureParameters,
): void {
  const key = (type: number) => (value: Uint8Array, at: number) => ({ id: at + 1, components: [{ type, value }] })
  for (const { keyVersion, type, kic, kid, dek } of shortMessageKeys)
    putKeySet(nvm, issuer, keyVersion, [kic, kid, dek].map(key(keyTypes[type])))
  for (const { keyVersion, psk, dek } of administrationKeys)
    putKeySet(nvm, issuer, keyVersion, [key(keyTypes['TLS-PSK'])(psk, 0), key(keyTypes.AES)(dek, 1)])
  if (administration !== undefined) nvm.set(`${memoryOf(issuer)}data/85`, administration)
}

const optionsOf = (keySets: readonly KeySet[]): Uint8Array[] => {
  const options = new Map(keySets.map(({ scp, i }) => [scp, i]))
  return [...options].map(([scp, i]) => Uint8Array.of(scp, i))
}

/** CPLC of a chip that only exists in software: its serial number and batch come from the card's own numbers. GPCS §H.5. */
function productionData(iin: Uint8Array, cin: Uint8Array): Uint8Array {
  const data = new Uint8Array(45)
  data.set([0x9f, 0x7f, 0x2a])
  data.set(cin.slice(-4), 3 + 12)
  data.set(iin.slice(-2), 3 + 16)
  return data
}
