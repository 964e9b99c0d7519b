/** ⑥ to ⑨: key pair and certificate for a phone, linked to the certificates in the person's My Number card. */
import { endOfDay, notAfterOf } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { issue } from '../ca/issue.ts'
import type { requestPhoneCertificate } from '../contract.ts'
import type { KeyPair } from '../phone-keys/key-pair.ts'
import { groundOf } from './linkage.ts'
import { toSeconds } from './revocation.ts'
import type { CertificateRecord, Person, PhoneOrder, World } from './world.ts'

type Request = RequestOf<typeof requestPhoneCertificate>

/** What the sealed private key of an order is bound to. */
export const keyContext = (orderId: string): string => `jpki-system/phone-key/${orderId}`

/** Orders whose key is being made: a peer that asks again waits for the same one. */
export function phoneCertificates(world: World) {
  const inFlight = new Map<string, Promise<CertificateRecord>>()
  return {
    request: (request: Request): Promise<CertificateRecord> => {
      const { orderId, signCertificate, iccid } = request
      const name = `${orderId} ${signCertificate} ${iccid}`
      const running = inFlight.get(name)
      if (running !== undefined) return running
      const started = certificateFor(world, request).finally(() => inFlight.delete(name))
      inFlight.set(name, started)
      return started
    },
  }
}

async function certificateFor(world: World, request: Request): Promise<CertificateRecord> {
  const order = await reserved(world, request)
  const there = await issuedFor(world, order)
  if (there !== undefined) return there
  const person = await world.register.persons.find(order.personId)
  if (person === undefined) throw new Error('an order without its person')
  const pair = await traced(
    world,
    order,
    '⑦',
    'generateKeyPair',
    ({ publicKey }) => publicKey.length,
    () => world.keyPairs.generate(),
  )
  try {
    return await traced(
      world,
      order,
      '⑧',
      'registerPhoneCertificate',
      ({ der }) => der.length,
      () => register(world, order, person, pair),
    )
  } finally {
    pair.privateKey.fill(0)
  }
}

/** The intent, written before the key is made. */
function reserved({ register, now }: World, request: Request): Promise<PhoneOrder> {
  const at = now()
  return register.atomically(async ({ orders, ...others }) => {
    const known = await orders.find(request.orderId)
    if (known !== undefined) {
      if (known.iccid !== request.iccid || known.signSerialNumber !== request.signCertificate)
        throw new Refusal('conditions.not-satisfied', 'The order is for another SIM or another person.')
      if (known.endedAt !== undefined) throw new Refusal('conditions.not-satisfied', 'The order has ended.')
      return known
    }
    const { auth, personId } = await groundOf({ orders, ...others }, request.signCertificate, at)
    const order: PhoneOrder = {
      orderId: request.orderId,
      personId,
      iccid: request.iccid,
      signSerialNumber: request.signCertificate,
      authSerialNumber: auth.serialNumber,
    }
    await orders.reserve(order)
    return order
  })
}

const issuedFor = async ({ register }: World, order: PhoneOrder): Promise<CertificateRecord | undefined> =>
  order.serialNumber === undefined ? undefined : register.certificates.find('auth', order.serialNumber)

/** Issued, sealed and linked. The ground is looked at again: the card may have been revoked while the key was made. */
async function register(world: World, order: PhoneOrder, person: Person, pair: KeyPair): Promise<CertificateRecord> {
  const at = toSeconds(world.now())
  const authority = world.authorities.current('auth')
  const { auth } = await groundOf(world.register, order.signSerialNumber, at)
  const certificate = await issue(world, {
    kind: 'phoneAuth',
    state: 'pending',
    person,
    publicKey: pair.publicKey,
    notBefore: at,
    notAfter: notAfterOf({
      issuedAt: at,
      birthDate: person.birthDate,
      notBeyond: [endOfDay(person.cardExpires), auth.notAfter, authority.opened.notAfter],
    }),
  })
  const sealed = await world.vault.seal(pair.privateKey, keyContext(order.orderId))
  const isFirst = await world.register.atomically(async (held) => {
    const ground = await groundOf(held, order.signSerialNumber, at)
    if (ground.auth.serialNumber !== order.authSerialNumber)
      throw new Refusal('conditions.not-satisfied', 'The card was renewed since the order was made.')
    if (!(await held.orders.attach(order.orderId, certificate.serialNumber, sealed))) return false
    await held.certificates.add(certificate)
    return true
  })
  if (isFirst) return certificate
  const now = await world.register.orders.find(order.orderId)
  const other = now === undefined ? undefined : await issuedFor(world, now)
  if (other === undefined) throw new Refusal('conditions.not-satisfied', 'The order has ended.')
  return other
}

/** ⑦ and ⑧ happen inside this house; the trace hears of them, and of no key. */
async function traced<T>(
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
