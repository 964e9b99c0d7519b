/** Certification path validation. RFC 5280 §6. */

import { equalOctets } from '@mobile-jpki/der'
import type { AlgorithmIdentifier } from './algorithm.ts'
import type { ParsedCertificate } from './certificate.ts'
import {
  anyPolicy,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  cRLDistributionPoints,
  extKeyUsage,
  issuerAltName,
  type KeyUsage,
  keyPurposes,
  keyUsage,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts'
import { printName, sameName } from './name.ts'

/** Is `signature` the signature over `octets` by `publicKey` (a SubjectPublicKeyInfo)? Answers false rather than throws. */
export type SignatureCheck = (check: {
  readonly algorithm: AlgorithmIdentifier
  readonly publicKey: Uint8Array
  readonly octets: Uint8Array
  readonly signature: Uint8Array
}) => boolean | Promise<boolean>

export const pathRefusals = {
  'not-yet-valid': 'The certificate is not valid yet.',
  expired: 'The certificate has expired.',
  'no-issuer': 'No certificate of its issuer is known.',
  'bad-signature': 'The signature fits no known certificate of its issuer.',
  'not-a-ca': 'The issuer is not a certification authority.',
  'path-too-long': 'There are more certificates in the path than the issuer allows.',
  'key-usage': 'The key may not be used for this.',
  'extended-key-usage': 'The certificate is not meant for this purpose.',
  policy: 'The certificate was not issued under a required policy.',
  'unknown-critical-extension': 'The certificate has a critical extension that is not understood.',
} as const
export type PathRefusal = keyof typeof pathRefusals

/** Why a path is refused, and on account of which certificate. */
export class PathError extends Error {
  override readonly name = 'PathError'
  readonly code: PathRefusal
  readonly certificate: ParsedCertificate

  constructor(code: PathRefusal, certificate: ParsedCertificate, detail = '') {
    const which = `${printName(certificate.subject)}, serial number ${certificate.serialNumber}`
    super(`${pathRefusals[code]} (${which}${detail === '' ? '' : `: ${detail}`})`)
    this.code = code
    this.certificate = certificate
  }
}

export interface PathRequirements {
  /** CA certificates that are trusted, all generations. */
  readonly anchors: readonly ParsedCertificate[]
  readonly intermediates?: readonly ParsedCertificate[]
  readonly at: Date
  readonly verifySignature: SignatureCheck
  /** Every one of these bits must be set in the end certificate. */
  readonly keyUsage?: readonly KeyUsage[]
  /** Key purpose the end certificate must state (an absent extension does not). */
  readonly extKeyUsage?: string
  /** The path must be valid for at least one of these policies. */
  readonly policies?: readonly string[]
}

/**
 * Extensions that this validation understands. Name constraints, policy mappings and policy constraints
 * are not among them: where one is critical, the path is refused (§4.2), never waved through.
 */
const understood: ReadonlySet<string> = new Set(
  [
    keyUsage,
    basicConstraints,
    certificatePolicies,
    subjectAltName,
    issuerAltName,
    extKeyUsage,
    cRLDistributionPoints,
    authorityKeyIdentifier,
    subjectKeyIdentifier,
    ocspNoCheck,
  ].map(({ id }) => id),
)

const longestPath = 8

/** Answers the path, end certificate first and anchor last, or throws the `PathError` that says what is wrong. */
export async function validatePath(
  certificate: ParsedCertificate,
  requirements: PathRequirements,
): Promise<readonly ParsedCertificate[]> {
  checkItself(certificate, requirements.at)
  checkPurpose(certificate, requirements)
  return climb([certificate], requirements)
}

/** Extends the path by each possible issuer in turn; the first refusal found is the one reported. */
async function climb(
  path: readonly ParsedCertificate[],
  requirements: PathRequirements,
): Promise<readonly ParsedCertificate[]> {
  const last = path.at(-1) as ParsedCertificate
  if (requirements.anchors.some(({ der }) => equalOctets(der, last.der))) {
    checkPolicies(path, requirements.policies)
    return path
  }
  if (path.length >= longestPath) throw new PathError('path-too-long', last)
  const candidates = issuersOf(last, requirements).filter((one) => !path.includes(one))
  let refusal: PathError | undefined
  for (const issuer of candidates) {
    const { signatureAlgorithm: algorithm, tbs: octets, signature } = last
    if (!(await requirements.verifySignature({ algorithm, publicKey: issuer.publicKey, octets, signature }))) continue
    try {
      checkItself(issuer, requirements.at)
      checkIssuer(issuer, path)
      return await climb([...path, issuer], requirements)
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      refusal ??= error
    }
  }
  throw refusal ?? new PathError(candidates.length === 0 ? 'no-issuer' : 'bad-signature', last)
}

/**
 * Generations of one CA share a name. Those whose key identifier is the one the certificate names come
 * first, but the signature decides (§4.2.1.1: identifiers help to find the issuer, no more).
 */
function issuersOf(certificate: ParsedCertificate, { anchors, intermediates = [] }: PathRequirements) {
  const wanted = certificate.extension(authorityKeyIdentifier)?.value.keyIdentifier
  const rank = (issuer: ParsedCertificate): number => {
    const own = issuer.extension(subjectKeyIdentifier)?.value
    if (wanted === undefined || own === undefined) return 1
    return equalOctets(wanted, own) ? 0 : 2
  }
  return [...anchors, ...intermediates]
    .filter(
      ({ subject, subjectOctets }) =>
        equalOctets(subjectOctets, certificate.issuerOctets) || sameName(subject, certificate.issuer),
    )
    .sort((a, b) => rank(a) - rank(b))
}

function checkItself(certificate: ParsedCertificate, at: Date): void {
  if (at < certificate.notBefore) throw new PathError('not-yet-valid', certificate, certificate.notBefore.toISOString())
  if (at > certificate.notAfter) throw new PathError('expired', certificate, certificate.notAfter.toISOString())
  for (const { critical, extnID } of certificate.extensions)
    if (critical && !understood.has(extnID)) throw new PathError('unknown-critical-extension', certificate, extnID)
}

/** §6.1.4 (k)–(n). */
function checkIssuer(issuer: ParsedCertificate, below: readonly ParsedCertificate[]): void {
  const constraints = issuer.extension(basicConstraints)?.value
  if (constraints?.cA !== true) throw new PathError('not-a-ca', issuer)
  const between = below.slice(1).filter((one) => !equalOctets(one.subjectOctets, one.issuerOctets)).length
  if (constraints.pathLenConstraint !== undefined && between > constraints.pathLenConstraint)
    throw new PathError('path-too-long', issuer)
  const usage = issuer.extension(keyUsage)?.value
  if (usage !== undefined && !usage.includes('keyCertSign')) throw new PathError('key-usage', issuer, 'keyCertSign')
}

function checkPurpose(certificate: ParsedCertificate, requirements: PathRequirements): void {
  const usage = certificate.extension(keyUsage)?.value
  for (const bit of requirements.keyUsage ?? [])
    if (usage === undefined || !usage.includes(bit)) throw new PathError('key-usage', certificate, bit)
  if (requirements.extKeyUsage === undefined) return
  const purposes = certificate.extension(extKeyUsage)?.value ?? []
  if (!purposes.includes(requirements.extKeyUsage) && !purposes.includes(keyPurposes.anyExtendedKeyUsage))
    throw new PathError('extended-key-usage', certificate, requirements.extKeyUsage)
}

/** §6.1.5 (g) without mappings: one of the policies must hold in every certificate below the anchor. */
function checkPolicies(path: readonly ParsedCertificate[], required: readonly string[] | undefined): void {
  if (required === undefined) return
  const below = path.length === 1 ? path : path.slice(0, -1)
  let possible = required
  for (const certificate of below) {
    const stated = (certificate.extension(certificatePolicies)?.value ?? []).map((policy) => policy.policyIdentifier)
    if (!stated.includes(anyPolicy)) possible = possible.filter((policy) => stated.includes(policy))
    if (possible.length === 0) throw new PathError('policy', certificate, required.join(' or '))
  }
}
