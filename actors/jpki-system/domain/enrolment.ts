/** The municipal counter enrols a person: a sign and an auth certificate for the two keys that the My Number card made. */

import { DerError } from '@mobile-jpki/der'
import { endOfDay, mayHaveSignCertificate, notAfterOf } from '@mobile-jpki/jpki'
import { readPublicKey } from '@mobile-jpki/pkix'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { issue } from '../ca/issue.ts'
import type { enrolPerson } from '../contract.ts'
import { isFinal, stateAt } from './life-cycle.ts'
import { mustBeValid } from './linkage.ts'
import { revokeIn, toSeconds } from './revocation.ts'
import type { CertificateRecord, Person, Register, World } from './world.ts'

type Request = RequestOf<typeof enrolPerson>

export interface CardCertificates {
  readonly sign: CertificateRecord
  readonly auth: CertificateRecord
}

/** What is known of the card and person before anything is issued. */
interface Standing {
  readonly sign?: CertificateRecord
  readonly auth?: CertificateRecord
  /** The auth certificate of the card that is replaced. */
  readonly renewed?: CertificateRecord
}

export async function enrol(world: World, request: Request): Promise<CardCertificates> {
  const at = toSeconds(world.now())
  checkKeys(request)
  checkDates(request, at)
  const { sign, auth, renewed } = await standing(world.register, request, at)
  if (sign !== undefined && auth !== undefined) return { sign, auth }
  const person = personOf(request, auth?.personId ?? renewed?.personId ?? identifierFrom(world.random))
  const issued = {
    auth: auth ?? (await certify(world, 'auth', request.authPublicKey, { request, person, at, renewed })),
    sign: await certify(world, 'sign', request.signPublicKey, { request, person, at, renewed }),
  }
  await world.register.atomically(async (held) => {
    const now = await standing(held, request, at)
    if (now.sign !== undefined || now.auth?.serialNumber !== auth?.serialNumber)
      throw new Refusal('conditions.not-satisfied', 'The same card is enrolled at the same time.')
    await held.persons.save(person)
    await replace(held, person, issued.sign, at, renewed === undefined ? 'affiliationChanged' : 'superseded')
    if (auth === undefined) await replace(held, person, issued.auth, at, 'superseded')
  })
  return issued
}

async function standing(register: Register, request: Request, at: Date): Promise<Standing> {
  const sign = await register.certificates.findByKey('sign', keyIdentifier(request.signPublicKey).toHex())
  const auth = await register.certificates.findByKey('auth', keyIdentifier(request.authPublicKey).toHex())
  const renewed = request.renews === undefined ? undefined : await register.certificates.find('auth', request.renews)
  if (request.renews !== undefined && renewed?.kind !== 'auth')
    throw new Refusal('reference.not-found', 'renews: no card has an auth certificate by that serial number.')
  if (sign !== undefined && sign.personId !== auth?.personId)
    throw new Refusal('conditions.not-satisfied', 'The sign key is certified for another card.')
  if (auth !== undefined) mustBeValid(auth, at, "card's auth certificate")
  if (sign !== undefined) mustBeValid(sign, at, 'sign certificate')
  return { ...(sign && { sign }), ...(auth && { auth }), ...(renewed && { renewed }) }
}

/** The new certificate comes in; what the person had of its kind goes, and answers to the new serial number. */
async function replace(
  register: Register,
  person: Person,
  certificate: CertificateRecord,
  at: Date,
  reason: 'affiliationChanged' | 'superseded',
): Promise<void> {
  for (const earlier of await register.certificates.living(person.id, certificate.kind)) {
    if (!isFinal(stateAt(earlier, at))) await revokeIn(register, earlier, { at, reason })
    await register.certificates.succeed(earlier, certificate.serialNumber)
  }
  await register.certificates.add(certificate)
}

function certify(
  world: World,
  kind: 'sign' | 'auth',
  publicKey: Uint8Array,
  {
    request,
    person,
    at,
    renewed,
  }: { request: Request; person: Person; at: Date; renewed: CertificateRecord | undefined },
): Promise<CertificateRecord> {
  const notAfter = notAfterOf({
    issuedAt: at,
    birthDate: person.birthDate,
    birthdays: isEarlyRenewal(renewed, at) ? 6 : 5,
    notBeyond: [endOfDay(person.cardExpires), world.authorities.current(kind).opened.notAfter],
  })
  const fourItems = kind === 'sign' ? { fourItems: request.fourItems } : {}
  return issue(world, { kind, state: 'valid', person, publicKey, notBefore: at, notAfter, ...fourItems })
}

/** Within the last three months of the certificate that is renewed. */
function isEarlyRenewal(renewed: CertificateRecord | undefined, at: Date): boolean {
  if (renewed === undefined) return false
  const opens = new Date(renewed.notAfter)
  opens.setUTCMonth(opens.getUTCMonth() - 3)
  return at >= opens && at <= renewed.notAfter
}

function checkKeys({ signPublicKey, authPublicKey }: Request): void {
  for (const [name, publicKey] of Object.entries({ signPublicKey, authPublicKey }))
    if (!isRsa2048(publicKey))
      throw new Refusal('request.malformed', `${name}: not an RSA key of 2048 bits with the exponent 65537`)
  if (keyIdentifier(signPublicKey).toHex() === keyIdentifier(authPublicKey).toHex())
    throw new Refusal('request.malformed', 'signPublicKey: the same as authPublicKey')
}

function isRsa2048(publicKey: Uint8Array): boolean {
  try {
    const key = readPublicKey(publicKey)
    if (key.kind !== 'rsa') return false
    const { modulus, publicExponent } = key
    const isOdd = ((modulus.at(-1) ?? 0) & 1) === 1
    return modulus.length === 256 && (modulus[0] ?? 0) >= 0x80 && isOdd && publicExponent.toHex() === '010001'
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

function checkDates({ fourItems, cardExpires }: Request, at: Date): void {
  if (endOfDay(cardExpires) <= at) throw new Refusal('certificate.expired', 'The card has expired.')
  if (!mayHaveSignCertificate(fourItems.birthDate, at))
    throw new Refusal('not-supported', 'There is no sign certificate for a person under 15.')
}

const personOf = ({ fourItems, municipality, cardExpires }: Request, id: string): Person => ({
  id,
  birthDate: fourItems.birthDate,
  municipality,
  cardExpires,
})

const identifierFrom = (random: World['random']): string => random(16).toHex()
