/** The municipal counter has the keys certified that the My Number card made: a sign and an auth certificate, or for a child the latter alone. */
import { endOfDay, mayHaveSignCertificate, notAfterOf } from '@mobile-jpki/jpki'
import { keyFault } from '@mobile-jpki/pkix'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { issue } from '../ca/issue.ts'
import type { enrolPerson } from '../contract.ts'
import { certificateNamed } from './acts.ts'
import type { LifeEvent } from './cascade.ts'
import { mustBeValid, newestOf, sameItems, statedBy } from './linkage.ts'
import { befall, toSeconds } from './revocation.ts'
import { type Settle, unsettled } from './settle.ts'
import type { Caller, CertificateRecord, Held, Person, Register, World } from './world.ts'

type Request = RequestOf<typeof enrolPerson>

export interface CardCertificates {
  readonly auth: CertificateRecord
  /** Absent where no sign key was shown. */
  readonly sign?: CertificateRecord | undefined
}

/** What is known of the card and person before anything is issued. */
interface Standing {
  readonly auth?: CertificateRecord | undefined
  readonly sign?: CertificateRecord | undefined
  /** The auth certificate of the card that is replaced. */
  readonly renewed?: CertificateRecord | undefined
  readonly person?: Person | undefined
}

export async function enrol(
  world: World,
  request: Request,
  by: Caller,
  settle: Settle<CardCertificates> = unsettled,
): Promise<CardCertificates> {
  const at = toSeconds(world.now())
  checkKeys(world, request)
  checkDates(request, at)
  const known = await standing(world.register, request, at)
  if (known.auth !== undefined && (known.sign !== undefined || request.signPublicKey === undefined)) {
    const before = { auth: known.auth, sign: known.sign }
    await world.register.atomically((held) => settle(held, before))
    return before
  }
  const person = { ...known.person, ...personOf(request, known.person?.id ?? world.random(16).toHex()) }
  const terms = { request, person, at, renewed: known.renewed }
  const auth = known.auth ?? (await certify(world, 'auth', request.authPublicKey, terms))
  const sign = request.signPublicKey && (await certify(world, 'sign', request.signPublicKey, terms))
  await world.register.atomically(async (held) => {
    const now = await standing(held, request, at)
    if (now.sign !== undefined || now.auth?.serialNumber !== known.auth?.serialNumber)
      throw new Refusal('conditions.not-satisfied', 'The same card is enrolled at the same time.')
    const recorded = { ...now.person, ...personOf(request, person.id) }
    if (now.person === undefined) await held.persons.save(recorded)
    else await replace(held, recorded, request, known.auth === undefined ? 'cardRenewed' : 'signRenewed', at, by)
    const entering = now.person === undefined ? add : enter
    if (known.auth === undefined) await entering(held, auth, by)
    if (sign !== undefined) await entering(held, sign, by)
    held.journal.record({ by, act: 'person.enrolled', subject: person.id })
    await settle(held, { auth, sign })
  })
  return { auth, sign }
}

async function standing(register: Register, request: Request, at: Date): Promise<Standing> {
  const { renews, signPublicKey, authPublicKey } = request
  const byKey = (authority: 'sign' | 'auth', publicKey: Uint8Array) =>
    register.certificates.findByKey(authority, keyIdentifier(publicKey).toHex())
  const sign = signPublicKey && (await byKey('sign', signPublicKey))
  const auth = await byKey('auth', authPublicKey)
  const renewed = renews === undefined ? undefined : await register.certificates.find('auth', renews)
  if (renews !== undefined && renewed?.kind !== 'auth')
    throw new Refusal('reference.not-found', 'renews: no card has an auth certificate by that serial number.')
  if (renewed?.successor !== undefined && auth === undefined)
    throw new Refusal('conditions.not-satisfied', 'renews: that card was replaced before.')
  if (sign !== undefined && sign.personId !== auth?.personId)
    throw new Refusal('conditions.not-satisfied', 'The sign key is certified for another card.')
  if (auth !== undefined) mustBeValid(auth, at, "card's auth certificate")
  if (sign !== undefined) mustBeValid(sign, at, 'sign certificate')
  const personId = auth?.personId ?? renewed?.personId
  const person = personId === undefined ? undefined : await register.persons.find(personId)
  if (person !== undefined) mustBeResident(person)
  return { sign, auth, renewed, person }
}

export function mustBeResident({ ended }: Person): void {
  if (ended !== undefined)
    throw new Refusal('conditions.not-satisfied', `Nothing is issued to the person, who ${ended.as}.`)
}

/** What the person had goes; first what states other items than the last sign certificate does. */
async function replace(
  held: Held,
  person: Person,
  { fourItems }: Request,
  event: LifeEvent,
  at: Date,
  by: Caller,
): Promise<void> {
  const newest = newestOf(await held.certificates.ofPerson(person.id), 'sign')
  const changed = newest !== undefined && !sameItems(statedBy(newest), fourItems)
  await held.persons.save({ ...person, ...(changed && { itemsChangedAt: at }) })
  if (changed) await befall(held, person.id, 'itemsChanged', at, by)
  await befall(held, person.id, event, at, by)
}

/** The new certificate comes in, and what the person had of its kind answers to it. */
export async function enter(held: Held, certificate: CertificateRecord, by: Caller): Promise<void> {
  await add(held, certificate, by)
  await held.linkage.follow(certificate.personId ?? '', certificate.kind, certificate.serialNumber)
}

async function add(held: Held, certificate: CertificateRecord, by: Caller): Promise<void> {
  await held.certificates.add(certificate)
  held.journal.record({ by, act: 'certificate.issued', subject: certificateNamed(certificate) })
}

interface Terms {
  readonly request: Pick<Request, 'fourItems'>
  readonly person: Person
  readonly at: Date
  readonly renewed?: CertificateRecord | undefined
}

export function certify(
  world: World,
  kind: 'sign' | 'auth',
  publicKey: Uint8Array,
  { request, person, at, renewed }: Terms,
): Promise<CertificateRecord> {
  const notAfter = notAfterOf({
    issuedAt: at,
    birthDate: person.birthDate,
    birthdays: isEarlyRenewal(renewed, at) ? 6 : 5,
    notBeyond: [endOfDay(person.cardExpires), world.authorities.current(kind).opened.notAfter],
  })
  const terms = { state: 'valid', person, publicKey, notBefore: at, notAfter } as const
  return issue(world, kind === 'sign' ? { ...terms, kind, fourItems: request.fourItems } : { ...terms, kind })
}

/** Within the last three months of the certificate that is renewed. */
export function isEarlyRenewal(renewed: CertificateRecord | undefined, at: Date): boolean {
  if (renewed === undefined) return false
  const opens = new Date(renewed.notAfter)
  opens.setUTCMonth(opens.getUTCMonth() - 3)
  return at >= opens && at <= renewed.notAfter
}

function checkKeys(world: Pick<World, 'holderKeys'>, { signPublicKey, authPublicKey }: Request): void {
  checkKey(world, 'authPublicKey', authPublicKey)
  if (signPublicKey === undefined) return
  checkKey(world, 'signPublicKey', signPublicKey)
  if (keyIdentifier(signPublicKey).toHex() === keyIdentifier(authPublicKey).toHex())
    throw new Refusal('request.malformed', 'signPublicKey: the same as authPublicKey')
}

export function checkKey({ holderKeys }: Pick<World, 'holderKeys'>, name: string, publicKey: Uint8Array): void {
  const fault = keyFault(publicKey, holderKeys)
  if (fault !== undefined) throw new Refusal('request.malformed', `${name}: ${fault}`)
}

function checkDates({ fourItems, cardExpires, signPublicKey }: Request, at: Date): void {
  if (endOfDay(cardExpires) <= at) throw new Refusal('certificate.expired', 'The card has expired.')
  if (signPublicKey !== undefined) checkAge(fourItems.birthDate, at)
}

export function checkAge(birthDate: string, at: Date): void {
  if (!mayHaveSignCertificate(birthDate, at))
    throw new Refusal('not-supported', 'There is no sign certificate for a person under 15.')
}

const personOf = ({ fourItems, municipality, cardExpires }: Request, id: string): Person => ({
  id,
  birthDate: fourItems.birthDate,
  municipality,
  cardExpires,
})
