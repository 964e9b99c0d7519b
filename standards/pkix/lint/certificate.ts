/** RFC 5280 §4 as a list of rules, for a certificate as it is read from its octets. */

import { DerError, equalOctets } from '@mobile-jpki/der'
import { type ParsedCertificate, parseCertificate } from '../certificate.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type ExtensionType,
  keyUsage,
  subjectKeyIdentifier,
} from '../extensions.ts'
import { extensionRules } from './extensions.ts'
import { type Finding, findingsOf, type Rule, rule } from './finding.ts'
import { publicKeyFault, signatureAlgorithmFault, usageFault } from './keys.ts'
import { nameFault } from './names.ts'

export interface Surroundings {
  /** The certificate of the CA that issues it; its own, when it is to be self-signed. */
  readonly issuer: ParsedCertificate | 'itself'
  readonly sha1: (octets: Uint8Array) => Uint8Array
}

/** A certificate on the table, opened once for all rules. */
export interface Subject {
  readonly certificate: ParsedCertificate
  readonly issuer: ParsedCertificate
  readonly sha1: Surroundings['sha1']
  readonly isCa: boolean
  readonly isSelfIssued: boolean
}

type CertificateRule = Rule<Subject>
const certificateRule = (clause: string, field: string, says: (subject: Subject) => string | false | undefined) =>
  rule<Subject>(`RFC 5280 ${clause}`, field, says)

const keyOf = ({ publicKeyAlgorithm, publicKeyBits }: ParsedCertificate) => ({
  algorithm: publicKeyAlgorithm,
  subjectPublicKey: publicKeyBits,
})

const has = ({ certificate }: Subject, type: ExtensionType<unknown>): boolean =>
  certificate.extensions.some(({ extnID }) => extnID === type.id)

const fields: readonly CertificateRule[] = [
  certificateRule('§4.1.1.2', 'signatureAlgorithm', ({ certificate }) =>
    signatureAlgorithmFault(certificate.signatureAlgorithm),
  ),
  certificateRule('§4.1.2.1', 'version', ({ certificate }) => certificate.version !== 3 && 'is not 3'),
  certificateRule('§4.1.2.4', 'issuer', ({ certificate }) => certificate.issuer.length === 0 && 'is empty'),
  certificateRule('§4.1.2.4', 'issuer', ({ certificate, issuer }) =>
    // What the issuer's own certificate says was looked at when that was made.
    issuer === certificate ? nameFault(certificate.issuer) : undefined,
  ),
  certificateRule(
    '§4.1.2.6',
    'issuer',
    ({ certificate, issuer }) =>
      !equalOctets(certificate.issuerOctets, issuer.subjectOctets) && 'is not, octet for octet, the name of the CA',
  ),
  certificateRule(
    '§4.1.2.5',
    'validity',
    ({ certificate: { notBefore, notAfter } }) => notAfter < notBefore && 'ends before it begins',
  ),
  certificateRule('§6.1.3 (a)(2)', 'validity.notBefore', ({ certificate, issuer }) =>
    certificate.notBefore < issuer.notBefore ? "is before the CA's own" : undefined,
  ),
  certificateRule('§6.1.3 (a)(2)', 'validity.notAfter', ({ certificate, issuer }) =>
    certificate.notAfter > issuer.notAfter ? "is after the CA's own" : undefined,
  ),
  certificateRule('§4.1.2.6', 'subject', ({ certificate, isCa }) =>
    isCa && certificate.subject.length === 0 ? 'is empty, in a CA' : undefined,
  ),
  certificateRule('§4.1.2.6', 'subject', ({ certificate }) => nameFault(certificate.subject)),
  certificateRule('§4.1.2.7', 'subjectPublicKeyInfo', ({ certificate }) => publicKeyFault(keyOf(certificate))),
  certificateRule(
    '§4.1.2.8',
    'uniqueIdentifiers',
    ({ certificate }) => certificate.hasUniqueIdentifiers && 'stand there',
  ),
]

const identifiers: readonly CertificateRule[] = [
  certificateRule('§4.2.1.1', 'extensions.authorityKeyIdentifier', (subject) =>
    !has(subject, authorityKeyIdentifier) && !subject.isSelfIssued ? 'is missing' : undefined,
  ),
  certificateRule('§4.2.1.1', 'extensions.authorityKeyIdentifier', ({ certificate, issuer }) => {
    const own = issuer.extension(subjectKeyIdentifier)?.value
    const named = certificate.extension(authorityKeyIdentifier)?.value
    if (named === undefined) return undefined
    if (named.keyIdentifier === undefined) return 'has no keyIdentifier'
    return own !== undefined && !equalOctets(named.keyIdentifier, own) && "is not the CA's subjectKeyIdentifier"
  }),
  certificateRule('§4.2.1.2', 'extensions.subjectKeyIdentifier', (subject) =>
    has(subject, subjectKeyIdentifier) ? undefined : 'is missing',
  ),
  certificateRule('§4.2.1.2', 'extensions.subjectKeyIdentifier', ({ certificate, sha1 }) => {
    const named = certificate.extension(subjectKeyIdentifier)?.value
    return (
      named !== undefined &&
      !equalOctets(named, sha1(certificate.publicKeyBits)) &&
      'is not the SHA-1 of the public key (method 1)'
    )
  }),
  certificateRule('§4.2.1.3', 'extensions.keyUsage', ({ certificate }) =>
    usageFault(certificate.publicKeyAlgorithm, certificate.extension(keyUsage)?.value ?? []),
  ),
]

const rules: readonly CertificateRule[] = [...fields, ...identifiers, ...extensionRules]

const findingsAbout = (certificate: ParsedCertificate, { issuer, sha1 }: Surroundings): readonly Finding[] =>
  findingsOf(
    {
      certificate,
      issuer: issuer === 'itself' ? certificate : issuer,
      sha1,
      isSelfIssued: equalOctets(certificate.subjectOctets, certificate.issuerOctets),
      isCa: certificate.extension(basicConstraints)?.value.cA === true,
    },
    rules,
  )

/** What the octets break that the codec already refuses: each by the field at which reading ended. */
const unreadable: readonly (readonly [path: RegExp, clause: string])[] = [
  [/serialNumber/, '§4.1.2.2'],
  [/validity/, '§4.1.2.5'],
  [/signatureAlgorithm|signature$/, '§4.1.1.2'],
  [/version/, '§4.1.2.1'],
  [/extensions/, '§4.2'],
  [/issuer|subject/, '§4.1.2.4'],
]

export const unreadableFinding = ({ path, reason }: DerError, structure: string): Finding => {
  const [, clause] = unreadable.find(([known]) => known.test(path)) ?? []
  return { clause: `RFC 5280 ${clause ?? structure}`, field: path || 'octets', says: `do not read: ${reason}` }
}

/**
 * Every finding about a certificate, those of further rules included; of octets that do not even read as one, the place where reading
 * ended.
 */
export function lintCertificate(
  der: Uint8Array,
  surroundings: Surroundings,
  further: (certificate: ParsedCertificate) => readonly Finding[] = () => [],
): readonly Finding[] {
  try {
    const certificate = parseCertificate(der)
    return [...findingsAbout(certificate, surroundings), ...further(certificate)]
  } catch (error) {
    if (error instanceof DerError) return [unreadableFinding(error, '§4.1')]
    throw error
  }
}
