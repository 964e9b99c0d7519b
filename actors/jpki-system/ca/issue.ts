/** What a CA issues to people and to OCSP responders: RFC 5280 §4, RFC 6960 §4.2.2.2; profiles in standards/jpki. */
import {
  authorityOf,
  type CertificateKind,
  contentsOf,
  type FourItems,
  holderIdentifier,
  profiles,
} from '@mobile-jpki/jpki'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import type { CertificateState } from '../domain/life-cycle.ts'
import type { CertificateRecord, Person, World } from '../domain/world.ts'
import { type Authority, generationName, locationsOf, serialNumberFrom } from './authorities.ts'
import { certify } from './certify.ts'

interface Issued {
  readonly state: CertificateState
  readonly person: Person
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
}
/** A sign certificate states the four items, and no other does. */
export type Issuance = Issued &
  ({ readonly kind: 'sign'; readonly fourItems: FourItems } | { readonly kind: Exclude<CertificateKind, 'sign'> })

/** Signs a certificate for a person, whose revocation list is there before; to register it is the caller's. */
export async function issue(
  {
    authorities,
    publisher,
    random,
    publicBaseUrl,
  }: Pick<World, 'authorities' | 'publisher' | 'random' | 'publicBaseUrl'>,
  issuance: Issuance,
): Promise<CertificateRecord> {
  const { kind, state, person, publicKey, notBefore, notAfter } = issuance
  const { municipality } = person
  const authority = authorities.current(authorityOf[kind])
  const locations = locationsOf(publicBaseUrl(), authority)
  const terms = {
    identifier: holderIdentifier(random(32), municipality, kind),
    municipality,
    subjectKeyIdentifier: keyIdentifier(publicKey),
    authorityKeyIdentifier: authority.keyIdentifier,
    locations: { ...locations, crl: locations.partition(municipality.code) },
  }
  const contents =
    issuance.kind === 'sign'
      ? contentsOf(profiles.sign, { ...terms, fourItems: issuance.fourItems })
      : contentsOf(profiles[issuance.kind], terms)
  const serialNumber = serialNumberFrom(random)
  const fields = { serialNumber, issuer: authority.opened.subject, notBefore, notAfter, publicKey, ...contents }
  const der = await certify(fields, profiles[kind], authority, authority.opened)
  await publisher.open(authority, municipality)
  return {
    authority: authority.name,
    generation: authority.generation,
    serialNumber,
    partition: municipality.code,
    kind,
    state,
    personId: person.id,
    keyIdentifier: terms.subjectKeyIdentifier.toHex(),
    notBefore,
    notAfter,
    der,
  }
}

const hour = 3_600_000
/** RFC 6960 §4.2.2.2.1 advises a short life, since nobody checks the revocation of a responder. */
const responderLife = { validity: 72 * hour, clockSkew: hour } as const

/** A certificate for whoever answers OCSP requests in the CA's place; to register it is the caller's. */
export async function issueToResponder(
  { random, now }: Pick<World, 'random' | 'now'>,
  authority: Authority,
  publicKey: Uint8Array,
): Promise<CertificateRecord> {
  const at = Math.floor(now().getTime() / 1000) * 1000
  const { opened, name, generation } = authority
  const serialNumber = serialNumberFrom(random)
  const notBefore = new Date(Math.max(at - responderLife.clockSkew, opened.notBefore.getTime()))
  const notAfter = new Date(Math.min(at + responderLife.validity, opened.notAfter.getTime()))
  const subjectKeyIdentifier = keyIdentifier(publicKey)
  const profile = profiles.responder[name]
  const contents = contentsOf(profile, {
    generation: generationName(authority),
    subjectKeyIdentifier,
    authorityKeyIdentifier: authority.keyIdentifier,
  })
  const fields = { serialNumber, issuer: opened.subject, notBefore, notAfter, publicKey, ...contents }
  return {
    authority: name,
    generation,
    serialNumber,
    kind: 'responder',
    state: 'valid',
    keyIdentifier: subjectKeyIdentifier.toHex(),
    notBefore,
    notAfter,
    der: await certify(fields, profile, authority, opened),
  }
}
