/**
 * On-card mode: the SIM made the key pair (DGI '0E03'), and its CASD vouches for the public half. ⑥ to ⑨ move behind ⑮; the private key
 * is in the SIM from its first moment, and nowhere else.
 */
import { rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { stateAt } from '../domain/life-cycle.ts'
import { certify, traced } from '../domain/phone-certificate.ts'
import type { Caller, CertificateRecord, PhoneOrder, World } from '../domain/world.ts'
import { type AttestedRequest, attestedKey } from './attestation.ts'
import { weaknessOf } from './weakness.ts'

/**
 * Asked again with the same key, it answers the same. A SIM whose applet was deleted before the delivery has lost its key: with another
 * one, which the CASD vouches for as well, the certificate that is good for nobody yet gives way.
 */
export async function certifyOnCardKey(world: World, request: AttestedRequest, by: Caller): Promise<CertificateRecord> {
  const at = world.now()
  const order = await openOrder(world, request, at)
  const publicKey = await traced(
    world,
    order,
    '⑦',
    'acceptOnCardKey',
    ({ length }) => length,
    () => fitKey(world, request, order, at),
  )
  const present =
    order.serialNumber === undefined ? undefined : await world.register.certificates.find('auth', order.serialNumber)
  const isTheSame = present?.keyIdentifier === keyIdentifier(publicKey).toHex()
  if (present !== undefined && isTheSame) return present
  if (present !== undefined && stateAt(present, at) !== 'pending')
    throw new Refusal('conditions.not-satisfied', `The order has a certificate, which is ${stateAt(present, at)}.`)
  const certificate = await certify(world, order, { publicKey }, by, present)
  if (certificate.keyIdentifier === keyIdentifier(publicKey).toHex()) return certificate
  throw new Refusal('conditions.not-satisfied', 'The SIM had another key certified at the same time.')
}

async function fitKey(world: World, request: AttestedRequest, order: PhoneOrder, at: Date): Promise<Uint8Array> {
  const publicKey = publicKeyIn(await attestedKey(world, 'userAuthenticationKey', request, order, at))
  const weakness = weaknessOf(publicKey)
  if (weakness !== undefined) throw new Refusal('key.unfit', `The SIM's key: ${weakness}.`, { whose: 'sim' })
  return publicKey
}

async function openOrder({ register }: World, { orderId, iccid }: AttestedRequest, at: Date): Promise<PhoneOrder> {
  const order = await register.orders.find(orderId)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such order.')
  if (order.iccid !== iccid) throw new Refusal('sim.not-the-named-one')
  if (order.keyGeneration !== 'on-card')
    throw new Refusal('conditions.not-satisfied', 'The key of the order is made by the JPKI system.')
  if (order.endedAt !== undefined) throw new Refusal('conditions.not-satisfied', 'The order has ended.')
  if (order.provenAt === undefined && (order.waitsUntil === undefined || order.waitsUntil <= at))
    throw new Refusal('conditions.not-satisfied', "The order's time is over.")
  return order
}

/** Modulus and exponent, each behind its length in two octets, as the applet shows them. */
function publicKeyIn(attested: Uint8Array): Uint8Array {
  const [modulus, afterModulus] = cut(attested)
  const [publicExponent, rest] = cut(afterModulus)
  if (rest.length > 0) throw notAKey()
  return rsaPublicKeyInfo({ modulus, publicExponent })
}

function cut(octets: Uint8Array): [value: Uint8Array, rest: Uint8Array] {
  const [high, low] = octets
  if (high === undefined || low === undefined) throw notAKey()
  const end = 2 + high * 256 + low
  if (end === 2 || octets.length < end) throw notAKey()
  return [octets.subarray(2, end), octets.subarray(end)]
}

const notAKey = () => new Refusal('request.malformed', 'attestation: its key is not modulus and exponent')
