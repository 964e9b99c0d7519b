/** What a CA issues to people: RFC 5280 §4, profile in standards/jpki. */
import {
  authExtensions,
  authorityOf,
  type CertificateKind,
  type FourItems,
  type HolderFields,
  holderIdentifier,
  holderName,
  phoneAuthExtensions,
  signExtensions,
} from '@mobile-jpki/jpki'
import type { Extension } from '@mobile-jpki/pkix'
import { issueCertificate, keyIdentifier } from '@mobile-jpki/pkix/crypto'
import type { CertificateState } from '../domain/life-cycle.ts'
import type { CertificateRecord, Person, World } from '../domain/world.ts'
import { locationsOf, serialNumberFrom } from './authorities.ts'

export interface Issuance {
  readonly kind: CertificateKind
  readonly state: CertificateState
  readonly person: Person
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  /** Stated by a sign certificate. */
  readonly fourItems?: FourItems
}

/** Signs a certificate for a person; to register it is the caller's. */
export async function issue(
  { authorities, random, publicBaseUrl }: Pick<World, 'authorities' | 'random' | 'publicBaseUrl'>,
  { kind, state, person, publicKey, notBefore, notAfter, fourItems }: Issuance,
): Promise<CertificateRecord> {
  const authority = authorities.current(authorityOf[kind])
  const subjectKeyIdentifier = keyIdentifier(publicKey)
  const locations = locationsOf(publicBaseUrl(), authority)
  const fields: HolderFields = {
    municipality: person.municipality,
    subjectKeyIdentifier,
    authorityKeyIdentifier: authority.keyIdentifier,
    locations: { ...locations, crl: locations.partition(person.municipality.code) },
  }
  const serialNumber = serialNumberFrom(random)
  const der = await issueCertificate(
    {
      serialNumber,
      issuer: authority.opened.subject,
      subject: holderName(kind, holderIdentifier(random(32), person.municipality, kind), person.municipality),
      notBefore,
      notAfter,
      publicKey,
      extensions: extensionsOf(kind, fields, fourItems),
    },
    authority.signer,
  )
  return {
    authority: authority.name,
    generation: authority.generation,
    serialNumber,
    partition: person.municipality.code,
    kind,
    state,
    personId: person.id,
    keyIdentifier: subjectKeyIdentifier.toHex(),
    notBefore,
    notAfter,
    der,
  }
}

function extensionsOf(kind: CertificateKind, fields: HolderFields, fourItems?: FourItems): readonly Extension[] {
  if (kind === 'auth') return authExtensions(fields)
  if (kind === 'phoneAuth') return phoneAuthExtensions(fields)
  if (fourItems === undefined) throw new Error('a sign certificate states the four items')
  return signExtensions(fields, fourItems)
}
