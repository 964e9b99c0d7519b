/**
 * Who is named in the certificates of the service, RFC 5280 §4.1.2.4; the shape is that of JPKI's own certificates as seen in public,
 * the names and identifiers are ours, so that nobody can take one for the other.
 */
import { directoryNameOf, type GeneralNames, type Name, nameOf, uriOf } from '@mobile-jpki/pkix'
import type { CertificateUse } from '../card/application.ts'
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

export const organization = 'Mobile JPKI Test'
const purposes = { auth: 'user authentication', sign: 'digital signature' } as const
export const purposeUnit = (use: CertificateUse) => `${organization} for ${purposes[use]}`

/** Subject and issuer of a CA; every generation of its key has the same. */
export const authorityName = (use: CertificateUse): Name =>
  nameOf(['C', 'JP'], ['O', organization], ['OU', purposeUnit(use)], ['OU', 'Mobile JPKI Test Authority'])

export const authorityNameInJapanese = (use: CertificateUse): Name =>
  nameOf(
    ['C', 'JP'],
    ['O', 'モバイルJPKIテスト'],
    ['OU', `モバイルJPKIテスト${use === 'auth' ? '利用者証明用' : '署名用'}`],
    ['OU', 'モバイルJPKIテスト機構'],
  )

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
const kindLetters = { auth: 'A', sign: 'S', phoneAuth: 'M' } as const

/**
 * The opaque name of a certificate's holder: 14 random characters, municipality, issue number, kind. It says nothing of the
 * person. Octets from 252 up are left out, since they would favour some characters.
 */
export function holderIdentifier(random: Uint8Array, { code }: Municipality, kind: CertificateKind): string {
  const characters = random.filter((octet) => octet < 252)
  if (characters.length < 14) throw new RangeError('14 random octets below 252 are needed: give 32')
  let opaque = ''
  for (let at = 0; at < 14; at++) opaque += alphabet[(characters[at] ?? 0) % alphabet.length]
  return `${opaque}${code}001${kindLetters[kind]}`
}

/** Such a name, with the municipality's code as its group. */
export const holderIdentifierForm = (kind: CertificateKind): RegExp =>
  new RegExp(`^[0-9A-Z]{14}(\\d{5})\\d{3}${kindLetters[kind]}$`)
