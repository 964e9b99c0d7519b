/** ⑯ ⑰ and what ends the delivery: the private key goes to the one applet that the order names, and is then nowhere else. */
import {
  Attestation,
  appletInstance,
  envelope,
  flawOfAttestation,
  IssuerContent,
  iccidOctets,
  possessionToSign,
  RsaCrt,
} from '@mobile-jpki/jpki'
import { algorithms, parseCertificate } from '@mobile-jpki/pkix'
import { sha256, verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { TlvError } from '@mobile-jpki/tlv'
import type { collectPhoneCertificate, provePossession } from '../contract.ts'
import { after, stateAt } from './life-cycle.ts'
import { mustBeValid } from './linkage.ts'
import { keyContext } from './phone-certificate.ts'
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
 * ⑯ ⑰: certificate and private key, sealed for the envelope key that the SIM's CASD vouches for. May be asked again, with a new
 * envelope key too, until the applet has proved that it has the private key.
 */
export async function collect(world: World, request: RequestOf<typeof collectPhoneCertificate>): Promise<Uint8Array> {
  const { order, certificate } = await orderAndCertificate(world.register, request.orderId)
  if (order.iccid !== request.iccid) throw new Refusal('sim.not-the-named-one')
  const at = world.now()
  const state = stateAt(certificate, at)
  if (state !== 'pending' || order.sealedPrivateKey === undefined)
    throw new Refusal(refusalOfState[state], `The certificate is ${state}: there is no private key to hand over.`)
  const auth = await world.register.certificates.find('auth', order.authSerialNumber)
  if (auth !== undefined) mustBeValid(auth, at, "card's auth certificate")
  const receiverPoint = await attestedPoint(world, request, at)
  const authority = world.authorities.find('auth', certificate.generation)
  return sealed(world, order, order.sealedPrivateKey, certificate, authority.certificate, receiverPoint)
}

/** The point of the applet's envelope key, once the chain controlling authority → CASD → key holds for this very SIM and order. */
async function attestedPoint(
  { casdAuthorities }: World,
  { orderId, iccid, instanceAid, attestation }: RequestOf<typeof collectPhoneCertificate>,
  at: Date,
): Promise<Uint8Array> {
  if (instanceAid.toHex() !== appletInstance.toHex())
    throw new Refusal('sim.attestation-invalid', 'The key is not one of the JPKI applet.')
  try {
    const opened = Attestation.decode(attestation)
    const context = { instanceAid, iccid: iccidOctets(iccid), orderId }
    const flaw = await flawOfAttestation(opened, 'envelopeKey', context, casdAuthorities, at)
    if (flaw !== undefined)
      throw new Refusal('sim.attestation-invalid', `The attestation of the SIM does not hold: ${flaw}.`, {
        whose: 'sim',
      })
    return opened.publicKey
  } catch (error) {
    if (error instanceof TlvError)
      throw new Refusal('request.malformed', 'attestation: not in its format', { cause: error })
    throw error
  }
}

/** The private key is in the clear from here to `finally`, and in nobody else's memory. */
async function sealed(
  { vault, oneTimePair }: World,
  { orderId, iccid }: PhoneOrder,
  sealedPrivateKey: Uint8Array,
  { der }: CertificateRecord,
  caCertificate: Uint8Array,
  receiverPoint: Uint8Array,
): Promise<Uint8Array> {
  const binding = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId }
  const privateKey = await vault.open(sealedPrivateKey, keyContext(orderId))
  const parts = RsaCrt.decode(privateKey)
  const plain = IssuerContent.encode({ privateKey: parts, certificate: der, caCertificate })
  try {
    return await envelope.seal({ purpose: 'issuer', binding, receiverPoint, sender: await oneTimePair(), plain })
  } catch (error) {
    if (error instanceof DOMException)
      throw new Refusal('sim.attestation-invalid', 'The envelope key is no point of the curve.', { cause: error })
    throw error
  } finally {
    for (const octets of [privateKey, plain, ...Object.values(parts)]) octets.fill(0)
  }
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
      await held.certificates.succeed(earlier, certificate.serialNumber)
    }
    const valid = after('prove', state)
    await held.certificates.change(certificate, certificate.state, valid)
    await held.orders.prove(orderId, at)
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
