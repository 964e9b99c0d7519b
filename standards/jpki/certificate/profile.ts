/**
 * The certificates of the service: names, policies, extensions in their order. RFC 5280 §4.2; the shape is that of JPKI's own
 * certificates as seen in public, the names and identifiers are ours, so that nobody can take one for the other.
 */
import {
  accessMethods,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  cRLDistributionPoints,
  directoryNameOf,
  distributionPointOf,
  type Extension,
  extension,
  type GeneralNames,
  issuerAltName,
  keyUsage,
  type Name,
  nameOf,
  type ParsedCertificate,
  policyOf,
  subjectAltName,
  subjectKeyIdentifier,
  uriOf,
} from '@mobile-jpki/pkix'
import type { CertificateUse } from '../card/application.ts'
import { type FourItems, fourItemNames } from './four-items.ts'
import { arc } from './oid-arc.ts'

/** 利用者証明用 and 署名用 of the My Number card, and 利用者証明用 of the phone. */
export const certificatePolicyIds = {
  auth: `${arc}.1.3.30`,
  sign: `${arc}.1.1.20`,
  phoneAuth: `${arc}.1.3.40`,
} as const
export type CertificateKind = keyof typeof certificatePolicyIds

/** The CA that issues each kind. */
export const authorityOf: Readonly<Record<CertificateKind, CertificateUse>> = {
  auth: 'auth',
  sign: 'sign',
  phoneAuth: 'auth',
}

/** The kind of a certificate by its policy; undefined for any other certificate. */
export function certificateKindOf(certificate: ParsedCertificate): CertificateKind | undefined {
  const policies = certificate.extension(certificatePolicies)?.value.map(({ policyIdentifier }) => policyIdentifier)
  return (Object.keys(certificatePolicyIds) as CertificateKind[]).find((kind) =>
    policies?.includes(certificatePolicyIds[kind]),
  )
}

const organization = 'Mobile JPKI Test'
const purposes = { auth: 'user authentication', sign: 'digital signature' } as const
const purposeUnit = (use: CertificateUse) => `${organization} for ${purposes[use]}`

/** Subject and issuer of a CA; every generation of its key has the same. */
export const authorityName = (use: CertificateUse): Name =>
  nameOf(['C', 'JP'], ['O', organization], ['OU', purposeUnit(use)], ['OU', 'Mobile JPKI Test Authority'])

const authorityNameInJapanese = (use: CertificateUse): Name =>
  nameOf(
    ['C', 'JP'],
    ['O', 'モバイルJPKIテスト'],
    ['OU', `モバイルJPKIテスト${use === 'auth' ? '利用者証明用' : '署名用'}`],
    ['OU', 'モバイルJPKIテスト機構'],
  )

/** Of a self-signed CA. */
export const authorityExtensions = (use: CertificateUse, keyIdentifier: Uint8Array): readonly Extension[] => [
  extension(keyUsage, ['keyCertSign', 'cRLSign'], 'critical'),
  extension(subjectAltName, [directoryNameOf(authorityNameInJapanese(use))]),
  extension(basicConstraints, { cA: true }, 'critical'),
  extension(cRLDistributionPoints, [distributionPointOf(directoryNameOf(authorityName(use)))]),
  extension(subjectKeyIdentifier, keyIdentifier),
]

export interface Municipality {
  /** 全国地方公共団体コード without its check digit. */
  readonly code: string
  readonly prefecture: string
  readonly city: string
}

/** The lists of revoked certificates are partitioned by municipality; this names a partition. */
export const crlPartitionName = (use: CertificateUse, { prefecture, city }: Municipality): Name =>
  nameOf(
    ['C', 'JP'],
    ['O', organization],
    ['OU', purposeUnit(use)],
    ['OU', 'CRL Distribution Points'],
    ['OU', prefecture],
    ['CN', `${city} CRLDP`],
  )

/** Both names of a partition: they stand in the certificate's one distribution point and in the list's issuingDistributionPoint (§5.2.5). */
export const crlPartitionNames = (use: CertificateUse, municipality: Municipality, uri: string): GeneralNames => [
  directoryNameOf(crlPartitionName(use, municipality)),
  uriOf(uri),
]

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * The opaque name of a certificate's holder: 14 random characters, municipality, issue number, kind. It says nothing of the
 * person. Octets from 252 up are left out, since they would favour some characters.
 */
export function holderIdentifier(random: Uint8Array, { code }: Municipality, kind: CertificateKind): string {
  const characters = [...random].filter((octet) => octet < 252).slice(0, 14)
  if (characters.length < 14) throw new RangeError('14 random octets below 252 are needed: give 32')
  const opaque = characters.map((octet) => alphabet[octet % alphabet.length]).join('')
  return `${opaque}${code}001${{ auth: 'A', sign: 'S', phoneAuth: 'M' }[kind]}`
}

/** The sign certificate's subject names the place, as it states the address anyway. */
export const holderName = (kind: CertificateKind, identifier: string, { prefecture, city }: Municipality): Name =>
  kind === 'sign'
    ? nameOf(['C', 'JP'], ['L', prefecture], ['L', city], ['CN', identifier])
    : nameOf(['C', 'JP'], ['CN', identifier])

export interface HolderFields {
  readonly municipality: Municipality
  /** SHA-1 of the holder's and of the CA's public key, RFC 5280 §4.2.1.2 (1). */
  readonly subjectKeyIdentifier: Uint8Array
  readonly authorityKeyIdentifier: Uint8Array
  /** Where anyone can fetch; without them no ordinary verifier could ask. */
  readonly locations: { readonly crl: string; readonly ocsp: string; readonly caIssuers: string; readonly cps?: string }
}

function holderExtensions(kind: CertificateKind, fields: HolderFields, items?: FourItems): readonly Extension[] {
  const { municipality, locations } = fields
  const use = authorityOf[kind]
  return [
    extension(keyUsage, kind === 'sign' ? ['digitalSignature', 'nonRepudiation'] : ['digitalSignature'], 'critical'),
    extension(certificatePolicies, [policyOf(certificatePolicyIds[kind], locations.cps)], 'critical'),
    extension(issuerAltName, [directoryNameOf(authorityNameInJapanese(use))]),
    ...(items === undefined ? [] : [extension(subjectAltName, fourItemNames(items))]),
    extension(authorityKeyIdentifier, { keyIdentifier: fields.authorityKeyIdentifier }),
    extension(subjectKeyIdentifier, fields.subjectKeyIdentifier),
    extension(cRLDistributionPoints, [distributionPointOf(...crlPartitionNames(use, municipality, locations.crl))]),
    extension(authorityInfoAccess, [
      { accessMethod: accessMethods.ocsp, accessLocation: uriOf(locations.ocsp) },
      { accessMethod: accessMethods.caIssuers, accessLocation: uriOf(locations.caIssuers) },
    ]),
  ]
}

export const authExtensions = (fields: HolderFields): readonly Extension[] => holderExtensions('auth', fields)
export const phoneAuthExtensions = (fields: HolderFields): readonly Extension[] => holderExtensions('phoneAuth', fields)
export const signExtensions = (fields: HolderFields, items: FourItems): readonly Extension[] =>
  holderExtensions('sign', fields, items)
