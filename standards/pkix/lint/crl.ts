/** RFC 5280 §5 as a list of rules, for a revocation list as it is read from its octets. */

import { DerError, equalOctets } from '@mobile-jpki/der'
import type { ParsedCertificate } from '../certificate.ts'
import { type ParsedCrl, parseCrl, type RevokedEntry } from '../crl/list.ts'
import {
  authorityKeyIdentifier,
  cRLNumber,
  issuingDistributionPoint,
  keyUsage,
  subjectKeyIdentifier,
} from '../extensions.ts'
import { unreadableFinding } from './certificate.ts'
import { type Finding, findingsOf, type Rule, rule } from './finding.ts'
import { signatureAlgorithmFault } from './keys.ts'
import { generalNamesFault } from './names.ts'

export interface CrlSurroundings {
  /** The certificate of the CA whose list it is. */
  readonly issuer: ParsedCertificate
  /** Of a long list, so many entries are looked at: they all come from the same few lines. */
  readonly entries?: number
}

interface CrlSubject {
  readonly crl: ParsedCrl
  readonly issuer: ParsedCertificate
  readonly entries: readonly RevokedEntry[]
}

const crlRule = (clause: string, field: string, says: (subject: CrlSubject) => string | false | undefined) =>
  rule<CrlSubject>(`RFC 5280 ${clause}`, field, says)

const rules: readonly Rule<CrlSubject>[] = [
  crlRule('§5.1.1.2', 'signatureAlgorithm', ({ crl }) => signatureAlgorithmFault(crl.signatureAlgorithm)),
  crlRule(
    '§5.1.2.3',
    'issuer',
    ({ crl, issuer }) =>
      !equalOctets(crl.issuerOctets, issuer.subjectOctets) && 'is not, octet for octet, the name of the CA',
  ),
  crlRule('§4.2.1.3', 'issuer', ({ issuer }) => {
    const usage = issuer.extension(keyUsage)?.value
    return usage !== undefined && !usage.includes('cRLSign') && 'may not sign lists'
  }),
  crlRule('§5.1.2.5', 'nextUpdate', ({ crl: { thisUpdate, nextUpdate } }) => {
    if (nextUpdate === undefined) return 'is missing'
    return nextUpdate <= thisUpdate && 'is not after thisUpdate'
  }),
  crlRule('§5.1.2.4', 'thisUpdate', ({ crl, issuer }) =>
    crl.thisUpdate < issuer.notBefore || crl.thisUpdate > issuer.notAfter ? "is outside the CA's validity" : undefined,
  ),
  crlRule('§5.2.1', 'crlExtensions.authorityKeyIdentifier', ({ crl, issuer }) => {
    const named = crl.extension(authorityKeyIdentifier)
    const own = issuer.extension(subjectKeyIdentifier)?.value
    if (named?.value.keyIdentifier === undefined) return 'is missing'
    if (named.critical) return 'is critical'
    return own !== undefined && !equalOctets(named.value.keyIdentifier, own) && "is not the CA's subjectKeyIdentifier"
  }),
  crlRule('§5.2.3', 'crlExtensions.cRLNumber', ({ crl }) => {
    const number = crl.extension(cRLNumber)
    if (number === undefined) return 'is missing'
    if (number.critical) return 'is critical'
    return (number.value < 0n || number.value >= 1n << 159n) && 'is negative, or longer than 20 octets'
  }),
  crlRule('§5.2.5', 'crlExtensions.issuingDistributionPoint', ({ crl }) => {
    const scope = crl.extension(issuingDistributionPoint)
    if (scope === undefined) return undefined
    if (!scope.critical) return 'is not critical'
    const { distributionPoint, onlySomeReasons, indirectCRL, ...only } = scope.value
    if (Object.values(only).filter(Boolean).length > 1) return 'says more than one of the onlyContains'
    if (
      distributionPoint === undefined &&
      onlySomeReasons === undefined &&
      !indirectCRL &&
      !Object.values(only).some(Boolean)
    )
      return 'is an empty sequence'
    return distributionPoint?.kind === 'fullName' ? generalNamesFault(distributionPoint.value) : undefined
  }),
  crlRule('§5.1.2.6', 'revokedCertificates', ({ entries }) => {
    const seen = new Set(entries.map(({ serialNumber }) => serialNumber))
    return seen.size < entries.length && 'has a serial number twice'
  }),
  crlRule('§5.3.1', 'revokedCertificates.reasonCode', ({ entries }) => {
    const removed = entries.find(({ reason }) => reason === 'removeFromCRL')
    return removed && `removes ${removed.serialNumber}, which only a delta list does`
  }),
]

const mostEntries = 1000

/** Every finding about a list, those of further rules included. */
export function lintCrl(
  der: Uint8Array,
  { issuer, entries = mostEntries }: CrlSurroundings,
  further: (crl: ParsedCrl) => readonly Finding[] = () => [],
): readonly Finding[] {
  try {
    const crl = parseCrl(der)
    return [...findingsOf({ crl, issuer, entries: [...crl.entries().take(entries)] }, rules), ...further(crl)]
  } catch (error) {
    if (error instanceof DerError) return [unreadableFinding(error, '§5.1')]
    throw error
  }
}
