/**
 * The certificates of the service as one table, RFC 5280 §4: names, keys, validity, extensions in their order. Who issues builds from
 * it, and who checks, checks against it.
 */
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  cRLDistributionPoints,
  directoryNameOf,
  distributionPointOf,
  type Extension,
  extKeyUsage,
  issuerAltName,
  issuingDistributionPoint,
  type KeyKind,
  keyPurposes,
  keyUsage,
  Name,
  ocspNoCheck,
  type ParsedCertificate,
  subjectAltName,
  subjectKeyIdentifier,
} from '@mobile-jpki/pkix'
import type { CertificateUse } from '../card/application.ts'
import { fourItemNames, fourItemsFault } from './four-items.ts'
import { authorityName, authorityNameInJapanese, authorityOf, type CertificateKind } from './names.ts'
import {
  always,
  distinguishedName,
  distributionPoint,
  type ExtensionPart,
  filled,
  fixed,
  listed,
  type Part,
} from './parts.ts'
import {
  type AuthorityTerms,
  accessFor,
  city,
  type HolderTerms,
  holderAgreement,
  identifierOf,
  issuersKey,
  type ListTerms,
  ownKey,
  partition,
  partitionNames,
  policy,
  prefecture,
  type ResponderTerms,
  responderName,
  type SignTerms,
} from './terms.ts'

export interface Profile<Terms> {
  readonly name: string
  readonly issuer: CertificateUse
  readonly subject: Part<Terms, Name>
  readonly keys: readonly KeyKind[]
  /** Most days from notBefore to notAfter. */
  readonly longest: number
  /** 23:59:59 in Japan. */
  readonly endsWithTheDay: boolean
  /** In the order in which they stand. */
  readonly extensions: readonly ExtensionPart<Terms>[]
  /** What must hold between parts. */
  readonly agreement?: (certificate: ParsedCertificate) => string | undefined
}

/** With a day for the hours before midnight. */
const daysOf = (years: number) => Math.ceil(years * 365.25) + 1
const everyKey = ['rsa-2048', 'rsa-3072', 'p-256'] as const satisfies readonly KeyKind[]

const holder = <Terms extends HolderTerms>(
  kind: CertificateKind,
  subject: Part<Terms, Name>,
  fourItems: readonly ExtensionPart<Terms>[] = [],
): Profile<Terms> => {
  const issuer = authorityOf[kind]
  return {
    name: kind,
    issuer,
    subject,
    keys: everyKey,
    longest: daysOf(6),
    endsWithTheDay: true,
    extensions: [
      fixed(
        'keyUsage',
        keyUsage,
        kind === 'sign' ? ['digitalSignature', 'nonRepudiation'] : ['digitalSignature'],
        'critical',
      ),
      filled('certificatePolicies', certificatePolicies, policy(kind), 'critical'),
      fixed('issuerAltName', issuerAltName, [directoryNameOf(authorityNameInJapanese(issuer))]),
      ...fourItems,
      filled('authorityKeyIdentifier', authorityKeyIdentifier, issuersKey),
      filled('subjectKeyIdentifier', subjectKeyIdentifier, ownKey),
      filled('cRLDistributionPoints', cRLDistributionPoints, listed(distributionPoint(partition(issuer)))),
      filled('authorityInfoAccess', authorityInfoAccess, accessFor(issuer)),
    ],
    agreement: holderAgreement,
  }
}

const authority = (use: CertificateUse): Profile<AuthorityTerms> => ({
  name: `${use} CA`,
  issuer: use,
  subject: always(authorityName(use), Name, 'the name of the CA'),
  keys: everyKey,
  longest: daysOf(10),
  endsWithTheDay: true,
  extensions: [
    fixed('keyUsage', keyUsage, ['keyCertSign', 'cRLSign'], 'critical'),
    fixed('subjectAltName', subjectAltName, [directoryNameOf(authorityNameInJapanese(use))]),
    fixed('basicConstraints', basicConstraints, { cA: true }, 'critical'),
    fixed('cRLDistributionPoints', cRLDistributionPoints, [distributionPointOf(directoryNameOf(authorityName(use)))]),
    filled('subjectKeyIdentifier', subjectKeyIdentifier, ownKey),
  ],
})

/** A delegated responder, RFC 6960 §4.2.2.2. Short-lived, since nobody checks the revocation of a responder (§4.2.2.2.1). */
const responder = (use: CertificateUse): Profile<ResponderTerms> => ({
  name: `${use} OCSP responder`,
  issuer: use,
  subject: responderName(use),
  keys: ['p-256', 'rsa-2048'],
  longest: 14,
  endsWithTheDay: false,
  extensions: [
    fixed('keyUsage', keyUsage, ['digitalSignature'], 'critical'),
    fixed('extKeyUsage', extKeyUsage, [keyPurposes.ocspSigning], 'critical'),
    fixed('ocspNoCheck', ocspNoCheck, null),
    filled('authorityKeyIdentifier', authorityKeyIdentifier, issuersKey),
    filled('subjectKeyIdentifier', subjectKeyIdentifier, ownKey),
  ],
})

export const profiles = {
  sign: holder<SignTerms>(
    'sign',
    // It names the place, as it states the address anyway.
    distinguishedName<SignTerms>(['C', 'JP'], ['L', prefecture], ['L', city], ['CN', identifierOf('sign')]),
    [
      filled('subjectAltName', subjectAltName, {
        of: ({ fourItems }) => fourItemNames(fourItems),
        fault: fourItemsFault,
      }),
    ],
  ),
  auth: holder('auth', distinguishedName(['C', 'JP'], ['CN', identifierOf('auth')])),
  phoneAuth: holder('phoneAuth', distinguishedName(['C', 'JP'], ['CN', identifierOf('phoneAuth')])),
  authority: { sign: authority('sign'), auth: authority('auth') },
  responder: { sign: responder('sign'), auth: responder('auth') },
} as const

/** What a list says beside authorityKeyIdentifier and CRL number, §5.2: of all certificates nothing; of a municipality's, which they are. */
export const crlProfiles = {
  full: { sign: [], auth: [] },
  partition: { sign: [scopeOf('sign')], auth: [scopeOf('auth')] },
} as const satisfies Record<string, Record<CertificateUse, readonly ExtensionPart<ListTerms>[]>>

/** §5.2.5: critical, with the very names of its certificates' distribution points. */
function scopeOf(use: CertificateUse): ExtensionPart<ListTerms> {
  const names = partitionNames(use)
  return filled<ListTerms, ReturnType<typeof issuingDistributionPoint.codec.decode>>(
    'issuingDistributionPoint',
    issuingDistributionPoint,
    {
      of: (terms) => ({
        distributionPoint: { kind: 'fullName', value: names.of(terms) },
        onlyContainsUserCerts: false,
        onlyContainsCACerts: false,
        indirectCRL: false,
        onlyContainsAttributeCerts: false,
      }),
      fault: ({ distributionPoint: point, onlySomeReasons, ...only }) => {
        if (onlySomeReasons !== undefined || Object.values(only).some(Boolean))
          return 'speaks for some certificates only'
        return point?.kind === 'fullName' ? names.fault(point.value) : 'has no fullName'
      },
    },
    'critical',
  )
}

/** What a profile says of a certificate on these terms. */
export const contentsOf = <Terms>(
  { subject, extensions }: Profile<Terms>,
  terms: Terms,
): { readonly subject: Name; readonly extensions: readonly Extension[] } => ({
  subject: subject.of(terms),
  extensions: extensions.map((part) => part.of(terms)),
})
