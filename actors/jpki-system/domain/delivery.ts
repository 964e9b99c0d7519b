/** ⑯ ⑰ and what ends the delivery: the private key goes to the one applet that the order names, and is then nowhere else. */
import { appletInstance, envelope, IssuerContent, iccidOctets, possessionToSign } from '@mobile-jpki/jpki'
import { algorithms, parseCertificate } from '@mobile-jpki/pkix'
import { sha256, verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { readTlv } from '@mobile-jpki/tlv'
import type { collectPhoneCertificate, provePossession } from '../contract.ts'
import { attestedKey } from '../phone-keys/attestation.ts'
import { proveOrder } from '../phone-keys/destruction.ts'
import { blankKey } from '../phone-keys/key-pair.ts'
import { keyContext } from '../phone-keys/sealed-pair.ts'
import { certificateNamed } from './acts.ts'
import { after, stateAt } from './life-cycle.ts'
import { mustBeValid } from './linkage.ts'
import { revokeIn, toSeconds } from './revocation.ts'
import type { Caller, CertificateRecord, PhoneOrder, Register, World } from './world.ts'

const refusalOfState = {
  reserved: 'conditions.not-satisfied',
  pending: 'conditions.not-satisfied',
  valid: 'conditions.not-satisfied',
  held: 'certificate.on-hold',
  revoked: 'certificate.revoked',
  expired: 'certificate.expired',
} as const

async function orderAndCertificate(register: Register, orderId: string) {
  const order = await register.orders.find(orderId)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such order.')
  const certificate =
    order.serialNumber === undefined ? undefined : await register.certificates.find('auth', order.serialNumber)
  if (certificate === undefined)
    throw new Refusal(
      'conditions.not-satisfied',
      order.endedAt ? 'The order has ended.' : 'Nothing is issued for the order yet.',
    )
  return { order, certificate }
}

/**
 * ⑯ ⑰: certificate and private key, sealed for the envelope key that the SIM's CASD vouches for; in on-card mode the certificate alone.
 * May be asked again, with a new envelope key too, until the applet has proved that it has the private key.
 */
export async function collect(
  world: World,
  request: RequestOf<typeof collectPhoneCertificate>,
  by: Caller,
): Promise<Uint8Array> {
  const { order, certificate } = await orderAndCertificate(world.register, request.orderId)
  if (order.iccid !== request.iccid) throw new Refusal('sim.not-the-named-one')
  const at = world.now()
  mustWait(order, certificate, at)
  const auth = await world.register.certificates.find('auth', order.authSerialNumber)
  if (auth !== undefined) mustBeValid(auth, at, "card's auth certificate")
  const receiverPoint = await attestedKey(world, 'envelopeKey', request, order, at)
  const handedOver = await world.register.atomically(async (held) => {
    const now = await orderAndCertificate(held, request.orderId)
    mustWait(now.order, now.certificate, at)
    if (now.order.keyGeneration === 'central')
      held.journal.record({ by, act: 'key.handed-over', subject: certificateNamed(now.certificate) })
    return now
  })
  const authority = world.authorities.find('auth', handedOver.certificate.generation)
  return sealed(world, handedOver.order, handedOver.certificate, authority.certificate, receiverPoint)
}

/** There is something to hand over, and time for it. */
function mustWait(order: PhoneOrder, certificate: CertificateRecord, at: Date): void {
  const state = stateAt(certificate, at)
  const isHere = order.keyGeneration === 'on-card' || order.sealedPrivateKey !== undefined
  if (state !== 'pending' || !isHere)
    throw new Refusal(refusalOfState[state], `The certificate is ${state}: there is nothing to hand over.`)
  if (order.waitsUntil === undefined || order.waitsUntil <= at)
    throw new Refusal('conditions.not-satisfied', "The order's time is over.")
}

/** The private key is in the clear from here to `finally`, in these octets, and in nobody else's memory. */
async function sealed(
  { vault, oneTimePair }: World,
  { orderId, iccid, sealedPrivateKey }: PhoneOrder,
  { der }: CertificateRecord,
  caCertificate: Uint8Array,
  receiverPoint: Uint8Array,
): Promise<Uint8Array> {
  const binding = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId }
  const privateKey = sealedPrivateKey && (await vault.open(sealedPrivateKey, keyContext(orderId)))
  const plain = contentOf({ certificate: der, caCertificate }, privateKey)
  try {
    return await envelope.seal({ purpose: 'issuer', binding, receiverPoint, sender: await oneTimePair(), plain })
  } catch (error) {
    if (error instanceof DOMException)
      throw new Refusal('sim.attestation-invalid', 'The envelope key is no point of the curve.', { cause: error })
    throw error
  } finally {
    privateKey?.fill(0)
    plain.fill(0)
  }
}

/** The key is written into the place that an empty one holds: an encoder would leave copies of it behind. */
function contentOf(certificates: Omit<IssuerContent, 'privateKey'>, privateKey?: Uint8Array): Uint8Array {
  if (privateKey === undefined) return IssuerContent.encode(certificates)
  const content = IssuerContent.encode({ privateKey: blankKey, ...certificates })
  readTlv(content).value.set(privateKey)
  return content
}

/**
 * The applet signs with the new key. In one transaction our copy of the private key is erased, the certificate becomes valid and
 * the person's earlier phone gives way: one phone per person. Asked again, it answers the same.
 */
export async function prove(
  { register, now }: World,
  { orderId, signature }: RequestOf<typeof provePossession>,
  by: Caller,
): Promise<CertificateRecord> {
  const at = toSeconds(now())
  return register.atomically(async (held) => {
    const { order, certificate } = await orderAndCertificate(held, orderId)
    if (!(await hasKey(certificate, orderId, signature)))
      throw new Refusal('possession.invalid', undefined, { whose: 'sim' })
    const state = stateAt(certificate, at)
    if (state === 'valid') return certificate
    if (state !== 'pending') throw new Refusal(refusalOfState[state], `The certificate is ${state}.`)
    for (const earlier of await held.certificates.living(order.personId, 'phoneAuth')) {
      const earlierState = stateAt(earlier, at)
      if (earlierState !== 'valid' && earlierState !== 'held') continue
      await revokeIn(held, earlier, { at, reason: 'superseded' }, by)
    }
    // Those that ended before this one was asked for (with their card, or lost) answer to it as well.
    for (const ended of await held.certificates.ofPerson(order.personId))
      if (ended.kind === 'phoneAuth' && ended.revocation !== undefined && ended.successor === undefined)
        await held.certificates.succeed(ended, certificate.serialNumber)
    const valid = after('prove', state)
    await held.certificates.change(certificate, certificate.state, valid)
    await proveOrder(held, order, at, by)
    held.journal.record({ by, act: 'possession.proved', subject: certificateNamed(certificate) })
    return { ...certificate, state: valid }
  })
}

const hasKey = ({ der }: CertificateRecord, orderId: string, signature: Uint8Array) =>
  verifySignature({
    algorithm: algorithms.sha256WithRSAEncryption,
    publicKey: parseCertificate(der).publicKey,
    octets: possessionToSign(orderId, sha256(der)),
    signature,
  })
