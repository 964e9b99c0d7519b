/** ⑥ to ⑨: key pair and certificate for a phone, linked to the certificates in the person's My Number card. */
import { endOfDay, notAfterOf } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { issue } from '../ca/issue.ts'
import type { KeyGeneration, requestPhoneCertificate } from '../contract.ts'
import { destroyUnusable } from '../phone-keys/destruction.ts'
import { keyContext, type SealedPair, sealForOrder, sealPair } from '../phone-keys/sealed-pair.ts'
import { certificateNamed } from './acts.ts'
import { isEarlyRenewal } from './enrolment.ts'
import { stateAt } from './life-cycle.ts'
import { groundOf } from './linkage.ts'
import { revokeIn, toSeconds } from './revocation.ts'
import type { Caller, CertificateRecord, Held, PhoneOrder, Register, World } from './world.ts'

type Request = Omit<RequestOf<typeof requestPhoneCertificate>, 'keyGeneration'>

/** Orders whose key is being made: a peer that asks again waits for the same one. */
export function phoneCertificates(world: World) {
  const inFlight = new Map<string, Promise<CertificateRecord>>()
  return {
    request: (request: Request, by: Caller): Promise<CertificateRecord> => {
      const { orderId, signCertificate, iccid, attestedBy = '' } = request
      const name = `${orderId} ${signCertificate} ${iccid} ${attestedBy}`
      const running = inFlight.get(name)
      if (running !== undefined) return running
      const started = certificateFor(world, request, by).finally(() => inFlight.delete(name))
      inFlight.set(name, started)
      return started
    },
    /** On-card mode: the order alone. The SIM makes the key behind ⑮; answered again after that, there is a certificate. */
    reserve: async (request: Request, by: Caller): Promise<CertificateRecord | undefined> =>
      issuedFor(world, await reserved(world, request, 'on-card', by)),
  }
}

async function certificateFor(world: World, request: Request, by: Caller): Promise<CertificateRecord> {
  const order = await reserved(world, request, 'central', by)
  const there = await issuedFor(world, order)
  if (there !== undefined) return there
  const what = order.taken === undefined ? 'generateKeyPair' : 'takeKeyPair'
  const pair = await traced(
    world,
    order,
    '⑦',
    what,
    ({ publicKey }) => publicKey.length,
    () => pairFor(world, order, by),
  )
  return certify(world, order, pair, by)
}

/** The intent, written before the key is made; with it goes a pair of the stock, when there is one. */
function reserved(
  { register, now, random, keysWaitMilliseconds }: World,
  request: Request,
  keyGeneration: KeyGeneration,
  by: Caller,
): Promise<PhoneOrder> {
  const at = now()
  const near = random(16).toHex()
  const attestedBy = request.attestedBy ?? 'casd'
  if (keyGeneration === 'on-card' && attestedBy === 'voucher')
    throw new Refusal('not-supported', 'A key made on card is certified on the word of the SIM’s CASD alone.')
  return register.atomically(async (held) => {
    const known = await held.orders.find(request.orderId)
    if (known !== undefined) {
      if (known.iccid !== request.iccid || known.signSerialNumber !== request.signCertificate)
        throw new Refusal('conditions.not-satisfied', 'The order is for another SIM or another person.')
      if (known.keyGeneration !== keyGeneration)
        throw new Refusal('conditions.not-satisfied', `The order has its key made ${known.keyGeneration}.`)
      if (known.attestedBy !== attestedBy)
        throw new Refusal('conditions.not-satisfied', `The keys of the order are attested by ${known.attestedBy}.`)
      if (known.endedAt !== undefined) throw new Refusal('conditions.not-satisfied', 'The order has ended.')
      return known
    }
    // A CASD does not go away: whoever says so wants to be believed on a voucher.
    if (attestedBy === 'voucher' && (await held.orders.provenByCasd(request.iccid)))
      throw new Refusal('sim.attestation-invalid', 'The CASD of this SIM has attested before.', { whose: 'sp-tsm' })
    const { auth, personId } = await groundOf(held, request.signCertificate, at)
    const taken = keyGeneration === 'central' ? await held.keyStock.take(near) : undefined
    const order: PhoneOrder = {
      orderId: request.orderId,
      personId,
      iccid: request.iccid,
      keyGeneration,
      attestedBy,
      signSerialNumber: request.signCertificate,
      authSerialNumber: auth.serialNumber,
      waitsUntil: new Date(at.getTime() + keysWaitMilliseconds),
      ...(taken && { taken }),
    }
    await held.orders.reserve(order)
    held.journal.record({ by, act: 'order.reserved', subject: order.orderId, detail: { keyGeneration, attestedBy } })
    return order
  })
}

const issuedFor = async ({ register }: World, order: PhoneOrder): Promise<CertificateRecord | undefined> =>
  order.serialNumber === undefined ? undefined : register.certificates.find('auth', order.serialNumber)

/** ⑦. Sealed as soon as it is there. One of the stock that does not open was changed by somebody: it is given to nobody. */
async function pairFor(world: World, order: PhoneOrder, by: Caller): Promise<SealedPair> {
  const { vault, keyPairs, register, now } = world
  if (order.taken !== undefined)
    try {
      return await sealForOrder(vault, order.taken, order.orderId)
    } catch {
      await register.atomically((held) => destroyUnusable(held, order, { at: now(), by }))
    }
  return sealPair(vault, await keyPairs.generate(), keyContext(order.orderId))
}

/** A public key, and the private half unless the SIM has it. */
export type KeyToCertify = Pick<SealedPair, 'publicKey'> & Partial<SealedPair>

/** ⑧; `instead` of a certificate that the order has already. */
export const certify = (
  world: World,
  order: PhoneOrder,
  key: KeyToCertify,
  by: Caller,
  instead?: CertificateRecord,
): Promise<CertificateRecord> =>
  traced(
    world,
    order,
    '⑧',
    'registerPhoneCertificate',
    ({ der }) => der.length,
    () => register(world, order, key, by, instead),
  )

/** Issued and linked. The ground is looked at again: the card may have been revoked while the key was made. */
async function register(
  world: World,
  order: PhoneOrder,
  key: KeyToCertify,
  by: Caller,
  instead?: CertificateRecord,
): Promise<CertificateRecord> {
  const at = toSeconds(world.now())
  const certificate = await issued(world, order, key.publicKey, at)
  const waitsUntil = new Date(
    Math.min(order.waitsUntil?.getTime() ?? Number.POSITIVE_INFINITY, certificate.notAfter.getTime()),
  )
  const isFirst = await world.register.atomically(async (held) => {
    const ground = await groundOf(held, order.signSerialNumber, at)
    if (ground.auth.serialNumber !== order.authSerialNumber)
      throw new Refusal('conditions.not-satisfied', 'The card was renewed since the order was made.')
    const attached = { serialNumber: certificate.serialNumber, waitsUntil }
    const sealed = key.sealedPrivateKey && { sealedPrivateKey: key.sealedPrivateKey }
    if (!(await held.orders.attach(order.orderId, { ...attached, ...sealed }, instead?.serialNumber))) return false
    if (key.sealedPrivateKey === undefined) await mustBeNew(held, certificate)
    if (instead !== undefined) await revokeIn(held, instead, { at, reason: 'unspecified' }, by)
    await held.certificates.add(certificate)
    held.journal.record({
      by,
      act: 'certificate.issued',
      subject: certificateNamed(certificate),
      detail: { order: order.orderId },
    })
    return true
  })
  if (isFirst) return certificate
  const now = await world.register.orders.find(order.orderId)
  const other = now?.endedAt === undefined && now !== undefined ? await issuedFor(world, now) : undefined
  if (other === undefined) throw new Refusal('conditions.not-satisfied', 'The order has ended.')
  return other
}

async function issued(world: World, order: PhoneOrder, publicKey: Uint8Array, at: Date): Promise<CertificateRecord> {
  const person = await world.register.persons.find(order.personId)
  if (person === undefined) throw new Error('an order without its person')
  const { auth } = await groundOf(world.register, order.signSerialNumber, at)
  return issue(world, {
    kind: 'phoneAuth',
    state: 'pending',
    person,
    publicKey,
    notBefore: at,
    notAfter: notAfterOf({
      issuedAt: at,
      birthDate: person.birthDate,
      birthdays: (await renewsEarly(world.register, order.personId, at)) ? 6 : 5,
      notBeyond: [endOfDay(person.cardExpires), auth.notAfter, world.authorities.current('auth').opened.notAfter],
    }),
  })
}

/**
 * As with a card: whoever renews in the last three months loses none of them. The phone's earlier certificate may be revoked by then,
 * where it was the card that was renewed: the phone gives way with it and is applied for again.
 */
const renewsEarly = async ({ certificates }: Register, personId: string, at: Date): Promise<boolean> =>
  (await certificates.ofPerson(personId)).some(
    (one) =>
      one.kind === 'phoneAuth' &&
      (stateAt(one, at) === 'valid' || one.revocation?.reason === 'superseded') &&
      isEarlyRenewal(one, at),
  )

/** A SIM whose key was seen before has not made it, or makes keys badly (CVE-2008-0166 was found by such). */
async function mustBeNew({ certificates }: Held, { keyIdentifier }: CertificateRecord): Promise<void> {
  for (const authority of ['auth', 'sign'] as const)
    if ((await certificates.findByKey(authority, keyIdentifier)) !== undefined)
      throw new Refusal('key.unfit', 'The key is certified already.', { whose: 'sim' })
}

/** ⑦ and ⑧ happen inside this house; the trace hears of them, and of no private key. */
export async function traced<T>(
  { trace, now }: World,
  { orderId }: PhoneOrder,
  step: '⑦' | '⑧',
  what: string,
  octetsOf: (outcome: T) => number,
  work: () => Promise<T>,
): Promise<T> {
  const at = now()
  const start = performance.now()
  const record = (octets: number, refusal?: Refusal['code']) =>
    trace.record({
      at,
      step,
      from: 'jpki-system',
      to: 'jpki-system',
      what,
      octets,
      milliseconds: performance.now() - start,
      ok: refusal === undefined && octets > 0,
      refusal,
      order: orderId,
    })
  try {
    const outcome = await work()
    record(octetsOf(outcome))
    return outcome
  } catch (error) {
    record(0, error instanceof Refusal ? error.code : undefined)
    throw error
  }
}
