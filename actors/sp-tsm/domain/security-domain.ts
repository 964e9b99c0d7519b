/**
 * Taking over the SP area (SP領域): the carrier's initial key set is replaced by SP-TSM's own at first use, so that the carrier
 * can no longer open the domain. GPCS v2.3.1 §11.8 (PUT KEY); docs/protocols/deployment.md.
 */
import {
  GetData,
  type KeyInformation,
  KeyInformationTemplate,
  type KeySet,
  keyCheckValue,
  PutKey,
  PutKeyResponse,
  Select,
  securityLevels,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import { isSuccess } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import { type Element, openSecureChannel, type SecureChannel } from '@mobile-jpki/seram'
import { concat } from '@mobile-jpki/tlv'
import type { AppletChannel } from '../applet/data-groupings.ts'
import type { Order } from './order.ts'
import type { World } from './world.ts'

/** SP-TSM's own key set; the carrier's has another version. */
export const ownKeyVersion = 0x32
const keyLength = 16

/** A secure channel under our own keys, whatever the card held before. */
export async function takeOverDomain(world: World, order: Order, element: Element): Promise<AppletChannel> {
  const securityDomain = order.securityDomain
  if (securityDomain === undefined) throw new Error('an order with an applet has a security domain')
  const own = await ownKeySet(world, order)
  const open = (keyVersion: number, keys: KeySet) =>
    openSecureChannel(element, {
      step: '⑱',
      aid: securityDomain,
      keyVersion,
      keysOf: () => keys,
      scp: { protocol: '03' },
      securityLevel: securityLevels['C-DECRYPTION, R-ENCRYPTION, C-MAC, R-MAC'],
      randomOctets: world.random,
      whose: 'sim',
    })
  const present = await keyVersionsIn(element, securityDomain)
  if (!present.includes(ownKeyVersion)) {
    const initial = await initialKeySet(world, order, securityDomain)
    await replaceKeys(await open(initial.keyVersion, initial.keys), initial.keyVersion, own)
  }
  await world.orders.update(order.id, ({ initialKeySet: _, initialKeyVersion: __, ...one }) => one)
  const level = securityLevels['C-DECRYPTION, R-ENCRYPTION, C-MAC, R-MAC']
  return { ...(await open(ownKeyVersion, own)), level, blockLength: 239 }
}

/** Made and kept, sealed, before the card learns it: a cut can never leave the domain with keys that nobody knows. */
async function ownKeySet(world: World, order: Order): Promise<KeySet> {
  const context = `${order.id}/own-key-set`
  const fresh = await world.secrets.seal(world.random(3 * keyLength), context)
  const { ownKeySet = fresh } = await world.orders.update(order.id, (one) => ({ ownKeySet: fresh, ...one }))
  return keySetOf(await world.secrets.open(ownKeySet, context))
}

const keySetOf = (octets: Uint8Array): KeySet => {
  if (octets.length !== 3 * keyLength) throw new RangeError('a key set has three keys of 16 octets')
  return {
    enc: octets.slice(0, keyLength),
    mac: octets.slice(keyLength, 2 * keyLength),
    dek: octets.slice(2 * keyLength),
  }
}

/** Data object 'E0', free to read: the versions of the key sets that the domain has. */
async function keyVersionsIn(element: Element, aid: Uint8Array): Promise<readonly number[]> {
  const [, answer] = await element.send(
    [
      { what: Select.name, apdu: Select.toApdu({ p2: 'first', data: aid }) },
      { what: GetData.name, apdu: GetData.toApdu({ p1: 0x00, p2: 0xe0, data: new Uint8Array() }) },
    ],
    '⑱',
  )
  if (answer === undefined || !isSuccess(answer.sw))
    throw new Refusal('card.refused', 'The SP area is not in the SIM.', { whose: 'mno-tsm' })
  return KeyInformationTemplate.decode(answer.data).map(({ keyVersion }: KeyInformation) => keyVersion)
}

async function initialKeySet({ carriers }: World, order: Order, securityDomain: Uint8Array) {
  const { form, initialKeySet: sealed, initialKeyVersion: keyVersion } = order
  const carrier = carriers.get(form.carrier)
  if (carrier === undefined || sealed === undefined || keyVersion === undefined)
    throw new Refusal('sim.attestation-invalid', 'The SP area holds keys that SP-TSM did not put there.', {
      whose: 'mno-tsm',
    })
  const binding = { orderId: order.id, iccid: form.iccid, securityDomain }
  return { keyVersion, keys: keySetOf(await carrier.openKeySet(sealed, binding)) }
}

async function replaceKeys(channel: SecureChannel, from: number, { enc, mac, dek }: KeySet): Promise<void> {
  const keys = [enc, mac, dek]
  const apdu = PutKey.toApdu({
    p1: from,
    p2: { keyIdentifier: 1, several: true },
    data: { keyVersion: ownKeyVersion, keys: keys.map((key) => wrapKey(channel.session, 'AES', key)) },
  })
  const { keyVersion, checkValues } = PutKeyResponse.decode(await channel.transmit({ what: PutKey.name, apdu }))
  const expected = concat(...keys.map((key) => keyCheckValue('AES', key)))
  if (keyVersion !== ownKeyVersion || concat(...checkValues).toHex() !== expected.toHex())
    throw new Refusal('card.refused', 'The SIM did not take the keys as they were sent.', { whose: 'sim' })
}
