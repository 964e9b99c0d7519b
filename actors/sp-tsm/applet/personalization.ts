/** ⑯ to ⑱: the applet's key, certificate and PIN, each in an envelope that SP-TSM cannot open; on card the key is made there, ⑥ to ⑨ again. docs/protocols/personalization.md. */
import { AppletConfiguration, cardDate, cardDateOf, p256Reference } from '@mobile-jpki/jpki'
import type { Element } from '@mobile-jpki/seram'
import type { Order } from '../domain/order.ts'
import type { World } from '../domain/world.ts'
import { attested } from './attestation.ts'
import type { AppletChannel, Write } from './data-groupings.ts'
import type { PinEnvelopes } from './pin-envelopes.ts'

export interface Applet {
  readonly channel: Pick<AppletChannel, 'level'>
  readonly write: Write
  readonly instanceAid: Uint8Array
}

/** What the SIM vouches for. */
export interface Keys {
  readonly envelopeKey: Uint8Array
  /** On card. */
  readonly userAuthenticationKey?: Uint8Array
}

/** Nothing of the person's is written before the SIM has shown which one it is. One round trip. */
export async function makeKeys(world: World, order: Order, applet: Applet): Promise<Keys> {
  const asking = { ...applet, about: order.id }
  if (order.form.keyGeneration !== 'on-card')
    return { envelopeKey: await attested(world, order, asking, 'envelopeKey') }
  const [envelopeKey, userAuthenticationKey] = await Promise.all([
    attested(world, order, asking, 'envelopeKey'),
    attested(world, order, asking, 'onCardKey'),
  ])
  return { envelopeKey, userAuthenticationKey }
}

/** Everything but the finish, which it goes with. The PIN is waited for first: the agent's report is kept meanwhile. */
export async function personalize(
  world: World,
  pins: PinEnvelopes,
  order: Order,
  element: Element,
  { write, instanceAid, envelopeKey, userAuthenticationKey }: Applet & Keys,
): Promise<void> {
  const applet = { orderId: order.id, iccid: order.form.iccid, instanceAid }
  const wanted = { attestation: envelopeKey, instanceAid }
  const giving = new AbortController()
  const signal = AbortSignal.any([element.signal, giving.signal])
  const pinEnvelope = pins.want(order.id, wanted, signal)
  const settled = pinEnvelope.catch(() => undefined)
  try {
    if (userAuthenticationKey !== undefined) {
      const { serialNumber } = await world.jpki.certifyPhoneKey({ ...applet, attestation: userAuthenticationKey })
      await world.orders.update(order.id, (one) => ({ ...one, phoneCertificate: serialNumber }))
    }
    const { issuerEnvelope } = await world.jpki.collectPhoneCertificate({ ...applet, attestation: envelopeKey })
    await write('configuration', configuration(world, order), 'later')
    await write('issuerEnvelope', issuerEnvelope, 'later')
    await write('pinEnvelope', await element.until(pinEnvelope), 'later')
  } finally {
    giving.abort()
    await settled
  }
}

/** The proof of possession; asked again, the applet gives it again. */
export const finish = (order: Order, { write }: Pick<Applet, 'write'>): Promise<Uint8Array> =>
  write('finish', new TextEncoder().encode(order.id), 'last')

const no = Uint8Array.of(0x00)
const yes = Uint8Array.of(0x01)
/** The certificate readable as on the My Number card, contactless use allowed; without PIN where the carrier lets this type of SIM. */
function configuration({ terminalAuthority, now }: World, { terms }: Order): Uint8Array {
  const trust = terms?.pinless === true ? terminalAuthority : undefined
  return AppletConfiguration.encode({
    certificateNeedsPin: no,
    pinLessAllowed: trust === undefined ? no : yes,
    contactlessAllowed: yes,
    ...(trust && {
      terminalTrust: {
        caIdentifier: trust.caIdentifier,
        publicKey: { point: trust.point, parameters: p256Reference },
        day: cardDate.encode(cardDateOf(now())),
      },
    }),
  })
}
