/**
 * A new SIM of the carrier: registered, its line opened, its issuer keys told to the maker. In reality a batch file under a
 * transport key shared with the maker carries them; here the maker is the town that runs all actors.
 */
import type { KeySet } from '@mobile-jpki/globalplatform'
import { Refusal } from '@mobile-jpki/refusal'
import { type ProfileName, profiles, type SimProfile } from './profiles.ts'
import type { World } from './world.ts'

export interface NewSim {
  readonly iccid: string
  readonly keyDiversificationData: Uint8Array
  readonly profile: ProfileName
  readonly line: { readonly msisdn: string; readonly subscriber: string; readonly user?: string | undefined }
}

/** Repeated for the same SIM it answers the same keys, and changes nothing. */
export async function provisionSim(
  { transaction, keys }: World,
  { iccid, keyDiversificationData, profile, line: { msisdn, subscriber, user } }: NewSim,
): Promise<KeySet & SimProfile['issuer']> {
  await transaction(async ({ sims, subscriptions }) => {
    const known = await sims.find(iccid)
    if (known !== undefined && known.keyDiversificationData.toHex() !== keyDiversificationData.toHex())
      throw new Refusal('conditions.not-satisfied', `SIM ${iccid} is registered with other diversification data.`)
    if (known === undefined) await sims.save({ iccid, keyDiversificationData, profile, state: 'known' })
    if ((await subscriptions.find(msisdn)) !== undefined) return
    await subscriptions.save({ msisdn, iccid, subscriber, ...(user !== undefined && { user }), state: 'inService' })
  })
  return { ...profiles[profile].issuer, ...(await keys.issuerKeySet(keyDiversificationData)) }
}
