/** The SP area (SP領域): a supplementary security domain with the initial key set. GPCS v2.3.1 §11.5, §11.11; UICC Configuration §7. */
import {
  DataGroupings,
  InstallForInstall,
  InstallForPersonalization,
  isLocked,
  keyCheckValue,
  keyPurposes,
  keySetGroupings,
  keyTypes,
  SecurityDomainParameters,
  StoreData,
  securityDomainStates,
  wrapSecret,
} from '@mobile-jpki/globalplatform'
import { appletInstance, securityDomainModule, securityDomainPackage, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { instruct, type SecureChannel } from '@mobile-jpki/seram'
import type { SimProfile } from '../domain/profiles.ts'
import { initialKeyVersion, keysIn } from './initial-keys.ts'
import { instanceIn, remove, spDomainIn } from './registry.ts'

/** Whatever an earlier order left behind. */
export async function clearSpDomain(channel: SecureChannel): Promise<void> {
  if (await instanceIn(channel)) await remove(channel, appletInstance)
  if (await spDomainIn(channel)) await remove(channel, spSecurityDomain)
}

/** Creates the domain and gives it its keys, as far as that has not happened yet. */
export async function createSpDomain(
  channel: SecureChannel,
  { issuer }: SimProfile,
  keySet: Uint8Array,
): Promise<void> {
  const domain = await spDomainIn(channel)
  if (domain === undefined) await installDomain(channel, issuer)
  if (domain !== undefined && isLocked(domain.lifeCycle))
    throw new Refusal('card.refused', 'The SP area of the SIM is locked.', { whose: 'sim' })
  if (domain?.lifeCycle !== securityDomainStates.PERSONALIZED) await personalizeDomain(channel, keySet)
}

/** Under the carrier's management model (simple) SP-TSM may personalize what is in its domain, and manage no content. */
const installDomain = (channel: SecureChannel, { scp, i }: SimProfile['issuer']): Promise<Uint8Array> =>
  channel.transmit(
    instruct(InstallForInstall, {
      p1: 'installAndMakeSelectable',
      data: {
        loadFile: securityDomainPackage,
        module: securityDomainModule,
        instance: spSecurityDomain,
        privileges: ['securityDomain', 'trustedPath'],
        parameters: {
          application: SecurityDomainParameters.encode({
            secureChannelProtocols: [Uint8Array.of(scp, i)],
            acceptsExtraditionHere: Uint8Array.of(0x20, 0x20),
            acceptsDeletion: Uint8Array.of(0x20, 0x20),
            acceptsExtraditionAway: Uint8Array.of(0x20, 0x20),
          }),
        },
      },
    }),
  )

/** One STORE DATA holds the whole set: the domain is PERSONALIZED with all of its keys, or not at all. */
async function personalizeDomain(channel: SecureChannel, keySet: Uint8Array): Promise<void> {
  const keys = keysIn(keySet)
  const description = {
    type: keyTypes.AES,
    length: keys[0]?.length ?? 0,
    keyVersion: initialKeyVersion,
    access: 0x01,
    purpose: keyPurposes.scp03,
    keys: keys.map((key, at) => ({ keyIdentifier: at + 1, checkValue: keyCheckValue('AES', key) })),
  }
  const encrypted = keys.map((key) => wrapSecret(channel.session, key))
  await channel.transmitAll([
    instruct(InstallForPersonalization, { data: { application: spSecurityDomain } }),
    instruct(StoreData, {
      p1: { last: true, encryption: 'encrypted', structure: 'dgi', answer: false },
      p2: 0,
      data: DataGroupings.encode(keySetGroupings(description, encrypted)),
    }),
  ])
}
