/** The other end of a delivery, for this house's tests: data groupings in STORE DATA blocks, envelopes, checks of what the card says. */
import assert from 'node:assert/strict'
import {
  AppletConfiguration,
  Attestation,
  type AttestedPurpose,
  appletInstance,
  type DgiName,
  dgis,
  envelope as envelopes,
  flawOfAttestation,
  IssuerContent,
  iccidOctets,
  oneTimePair,
  type RsaCrt,
} from '@mobile-jpki/jpki'
import { concat } from '@mobile-jpki/tlv'
import { appletHash, insertCard, type TestCard } from './card.ts'
import { authorityPoint, caCertificate, casdCertificateFor, userCertificate, userKey } from './keys.ts'

export const iccid = iccidOctets('8981100000000000017')
export const order = 'order-1'
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

export const newCard = (): TestCard =>
  insertCard({ instanceAid: appletInstance, iccid, casdCertificate: casdCertificateFor(iccid) })

export function grouping(name: DgiName | number, content: Uint8Array): Uint8Array {
  const identifier = typeof name === 'number' ? name : dgis[name]
  const { length } = content
  const short = length < 0xff ? [length] : [0xff, length >> 8, length & 0xff]
  return concat(Uint8Array.of(identifier >> 8, identifier & 0xff, ...short), content)
}

export const p1 = { more: 0x08, last: 0x88 } as const

/** Sends one data grouping in as many blocks as it takes; the last answer counts. */
export function send(card: TestCard, name: DgiName | number, content: Uint8Array, blockLength = 239) {
  const octets = grouping(name, content)
  for (let number = 0; ; number++) {
    const piece = octets.subarray(number * blockLength, (number + 1) * blockLength)
    const last = (number + 1) * blockLength >= octets.length
    const answer = card.storeData(last ? p1.last : p1.more, number & 0xff, piece)
    if (last || answer.sw !== 0x9000)
      return { sw: answer.sw.toString(16).toUpperCase(), data: answer.data ?? new Uint8Array() }
  }
}

export const configuration = (certificateNeedsPin: 0 | 1, pinLess = 0, contactless = 1): Uint8Array =>
  AppletConfiguration.encode({
    certificateNeedsPin: Uint8Array.of(certificateNeedsPin),
    pinLessAllowed: Uint8Array.of(pinLess),
    contactlessAllowed: Uint8Array.of(contactless),
  })

export async function attested(data: Uint8Array, purpose: AttestedPurpose, orderId = order): Promise<Uint8Array> {
  const attestation = Attestation.decode(new Uint8Array(data))
  const context = { instanceAid: appletInstance, iccid, orderId }
  const trust = { attestedBy: 'casd', authorities: [authorityPoint], applets: [appletHash] } as const
  assert.equal(await flawOfAttestation(attestation, purpose, context, trust, new Date('2026-11-22')), undefined)
  return attestation.publicKey
}

export async function makeEnvelopeKey(card: TestCard, orderId = order): Promise<Uint8Array> {
  const { sw, data } = send(card, 'envelopeKey', ascii(orderId))
  assert.equal(sw, '9000')
  return attested(data, 'envelopeKey', orderId)
}

export interface Sealing {
  readonly orderId?: string
  readonly iccid?: Uint8Array
  readonly instanceAid?: Uint8Array
}

export const seal = async (
  purpose: envelopes.EnvelopePurpose,
  receiverPoint: Uint8Array,
  plain: Uint8Array,
  sealing: Sealing = {},
): Promise<Uint8Array> =>
  envelopes.seal({
    purpose,
    receiverPoint,
    plain,
    sender: await oneTimePair(),
    binding: { instanceAid: appletInstance, iccid, orderId: order, ...sealing },
  })

/** Content of the issuer envelope: with the private key, or for a key that the card made. */
export const content = (certificate = userCertificate, privateKey: RsaCrt | 'in the card' = userKey): Uint8Array =>
  IssuerContent.encode({ certificate, caCertificate, ...(privateKey !== 'in the card' && { privateKey }) })

/** A whole delivery; the applet is ready afterwards. */
export async function deliver(card: TestCard, pin = '1234'): Promise<{ sw: string; data: Uint8Array }> {
  const point = await makeEnvelopeKey(card)
  assert.equal(send(card, 'issuerEnvelope', await seal('issuer', point, content())).sw, '9000')
  assert.equal(send(card, 'pinEnvelope', await seal('pin', point, ascii(pin))).sw, '9000')
  return send(card, 'finish', ascii(order))
}

export const readyCard = async (): Promise<TestCard> => {
  const card = newCard()
  assert.equal((await deliver(card)).sw, '9000')
  return card
}
