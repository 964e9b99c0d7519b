/** For which certificates a CRL speaks: its issuingDistributionPoint against their cRLDistributionPoints. RFC 5280 §6.3.3 (b). */

import { equalOctets, type TypeOf } from '@mobile-jpki/der'
import type { ParsedCertificate } from '../certificate.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  cRLDistributionPoints,
  type DistributionPoint,
  type DistributionPointName,
  issuingDistributionPoint,
} from '../extensions.ts'
import { directoryNameOf, GeneralName } from '../general-name.ts'
import { type Name, sameName } from '../name.ts'
import type { ParsedCrl } from './list.ts'

/**
 * Direct lists only: the list's issuer must be the certificate's (b)(1). A list without a name of its own speaks for all certificates
 * of its issuer; one with a name, for those with a distribution point that has one of its names (b)(2)(i).
 */
export function speaksFor(crl: ParsedCrl, certificate: ParsedCertificate): boolean {
  if (!sameName(crl.issuer, certificate.issuer) || !sameKey(crl, certificate)) return false
  const scope = crl.extension(issuingDistributionPoint)?.value
  if (scope === undefined) return true
  const isCa = certificate.extension(basicConstraints)?.value.cA === true
  if (scope.onlyContainsUserCerts && isCa) return false
  if (scope.onlyContainsCACerts && !isCa) return false
  if (scope.onlyContainsAttributeCerts || scope.indirectCRL) return false
  if (scope.distributionPoint === undefined) return true
  const own = fullNames(scope.distributionPoint, crl.issuer)
  return pointsOf(certificate)
    .filter(({ cRLIssuer }) => cRLIssuer === undefined)
    .flatMap(({ distributionPoint }) => (distributionPoint ? fullNames(distributionPoint, certificate.issuer) : []))
    .some((name) => own.some((other) => sameGeneralName(name, other)))
}

/** Generations of a CA share their name and differ in their key: a list of one says nothing of certificates of another. */
function sameKey(crl: ParsedCrl, certificate: ParsedCertificate): boolean {
  const [ours, theirs] = [crl, certificate].map((one) => one.extension(authorityKeyIdentifier)?.value.keyIdentifier)
  return ours === undefined || theirs === undefined || equalOctets(ours, theirs)
}

/** A certificate that names no point is looked for where its issuer's own name leads (§6.3.3, last paragraph). */
const pointsOf = (certificate: ParsedCertificate): readonly DistributionPoint[] =>
  certificate.extension(cRLDistributionPoints)?.value ?? [
    { distributionPoint: { kind: 'fullName', value: [directoryNameOf(certificate.issuer)] } },
  ]

/** A name relative to the issuer is the issuer's with one RDN more (§4.2.1.13). */
const fullNames = ({ kind, value }: TypeOf<typeof DistributionPointName>, issuer: Name): readonly GeneralName[] =>
  kind === 'fullName' ? value : [directoryNameOf([...issuer, value])]

const sameGeneralName = (one: GeneralName, other: GeneralName): boolean =>
  one.kind === 'directoryName' && other.kind === 'directoryName'
    ? sameName(one.value, other.value)
    : equalOctets(GeneralName.encode(one), GeneralName.encode(other))
