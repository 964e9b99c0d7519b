/** ⑯ to ⑱: the applet's key, certificate and PIN, each in an envelope that SP-TSM cannot open; on card the key is made there, ⑥ to ⑨ again. docs/protocols/personalization.md. */
import { cutBlocks, DataGroupings, InstallForPersonalization, StoreData } from '@mobile-jpki/globalplatform'
import {
  AppletConfiguration,
  type AttestedPurpose,
  answeringDgis,
  attestationIn,
  type DgiName,
  dgis,
  flawOfAttestation,
  iccidOctets,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Element, Instruction, SecureChannel } from '@mobile-jpki/seram'
import type { Order } from './order.ts'
import type { PinEnvelopes } from './pin-envelopes.ts'
import type { World } from './world.ts'

/** So that a block fits a short APDU under C-ENCRYPTION (padding to 16) and C-MAC: 240 + 8 octets. */
const blockLength = 239

/** Everything but the finish. The PIN is waited for in between: the agent keeps polling meanwhile. */
export async function personalize(
  world: World,
  pins: PinEnvelopes,
  order: Order,
  element: Element,
  channel: SecureChannel,
): Promise<void> {
  const instanceAid = instanceOf(order)
  const write = await scribe(channel, instanceAid)
  await write('configuration', configuration)
  const attestation = await write('envelopeKey', new TextEncoder().encode(order.id))
  await checkAttestation(world, order, instanceAid, attestation, 'envelopeKey')
  const applet = { orderId: order.id, iccid: order.form.iccid, instanceAid }
  if (order.form.keyGeneration === 'on-card') {
    const madeInCard = await write('onCardKey', new TextEncoder().encode(order.id))
    await checkAttestation(world, order, instanceAid, madeInCard, 'userAuthenticationKey')
    const { serialNumber } = await world.jpki.certifyPhoneKey({ ...applet, attestation: madeInCard })
    await world.orders.update(order.id, (one) => ({ ...one, phoneCertificate: serialNumber }))
  }
  const { issuerEnvelope } = await world.jpki.collectPhoneCertificate({ ...applet, attestation })
  await write('issuerEnvelope', issuerEnvelope)
  await write('pinEnvelope', await element.until(pins.want(order.id, { attestation, instanceAid }, element.signal)))
}

/** The proof of possession; asked again, the applet gives it again. */
export async function finish(order: Order, channel: SecureChannel): Promise<Uint8Array> {
  const write = await scribe(channel, instanceOf(order))
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

/** Opens the personalization of the instance (GPCS §7.3.3) and answers a function that stores one data grouping after the other. */
async function scribe(channel: SecureChannel, instanceAid: Uint8Array) {
  const apdu = InstallForPersonalization.toApdu({ data: { application: instanceAid } })
  await channel.transmit({ what: InstallForPersonalization.name, apdu })
  let block = 0
  return async (name: DgiName, value: Uint8Array, last?: 'last'): Promise<Uint8Array> => {
    const blocks = cutBlocks(DataGroupings.encode([{ identifier: dgis[name], value }]), blockLength)
    const instructions = blocks.map((data, index): Instruction => {
      const ends = index === blocks.length - 1
      const p1 = {
        last: ends && last !== undefined,
        encryption: 'none',
        structure: 'dgi',
        answer: ends && answeringDgis.has(name),
      } as const
      return { what: `${StoreData.name} ${name}`, apdu: StoreData.toApdu({ p1, p2: block++ & 0xff, data }) }
    })
    return (await channel.transmitAll(instructions)).at(-1) ?? new Uint8Array()
  }
}

/** Nobody seals anything for a key that this SIM's controlling authority does not vouch for. */
async function checkAttestation(
  { casdAuthorities, now }: World,
  order: Order,
  instanceAid: Uint8Array,
  answer: Uint8Array,
  purpose: AttestedPurpose,
) {
  const context = { instanceAid, iccid: iccidOctets(order.form.iccid), orderId: order.id }
  const attestation = attestationIn(answer)
  const flaw = attestation && (await flawOfAttestation(attestation, purpose, context, casdAuthorities, now()))
  if (attestation === undefined || flaw !== undefined)
    throw new Refusal('sim.attestation-invalid', `The attestation of the applet's key fails: ${flaw ?? 'format'}.`, {
      whose: 'sim',
    })
}
