/** ⑯ to ⑱: the applet's key, certificate and PIN, each in an envelope that SP-TSM cannot open; on card the key is made there, ⑥ to ⑨ again. docs/protocols/personalization.md. */
import { AppletConfiguration } from '@mobile-jpki/jpki'
import type { Element } from '@mobile-jpki/seram'
import type { Order } from '../domain/order.ts'
import type { PinEnvelopes } from '../domain/pin-envelopes.ts'
import type { World } from '../domain/world.ts'
import { attested } from './attestation.ts'
import { type AppletChannel, openApplet } from './data-groupings.ts'

/** Everything but the finish. The PIN is waited for in between: the agent keeps polling meanwhile. */
export async function personalize(
  world: World,
  pins: PinEnvelopes,
  order: Order,
  element: Element,
  channel: AppletChannel,
): Promise<void> {
  const instanceAid = instanceOf(order)
  const write = await openApplet(channel, instanceAid)
  const asking = { channel, write, instanceAid, about: order.id }
  // Nothing of the person's is written before the SIM has shown which one it is.
  const attestation = await attested(world, order, asking, 'envelopeKey')
  await write('configuration', configuration)
  const applet = { orderId: order.id, iccid: order.form.iccid, instanceAid }
  if (order.form.keyGeneration === 'on-card') {
    const madeInCard = await attested(world, order, asking, 'onCardKey')
    const { serialNumber } = await world.jpki.certifyPhoneKey({ ...applet, attestation: madeInCard })
    await world.orders.update(order.id, (one) => ({ ...one, phoneCertificate: serialNumber }))
  }
  const { issuerEnvelope } = await world.jpki.collectPhoneCertificate({ ...applet, attestation })
  await write('issuerEnvelope', issuerEnvelope)
  await write('pinEnvelope', await element.until(pins.want(order.id, { attestation, instanceAid }, element.signal)))
}

/** The proof of possession; asked again, the applet gives it again. */
export async function finish(order: Order, channel: AppletChannel): Promise<Uint8Array> {
  const write = await openApplet(channel, instanceOf(order))
  return write('finish', new TextEncoder().encode(order.id), 'last')
}

const no = Uint8Array.of(0x00)
const yes = Uint8Array.of(0x01)
/** The certificate readable as on the My Number card, contactless use allowed, nothing without PIN. */
const configuration = AppletConfiguration.encode({
  certificateNeedsPin: no,
  pinLessAllowed: no,
  contactlessAllowed: yes,
})

const instanceOf = ({ instanceAid }: Order): Uint8Array => {
  if (instanceAid === undefined) throw new Error('an order with an applet has its instance')
  return instanceAid
}
