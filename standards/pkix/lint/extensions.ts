/** The certificate extensions of RFC 5280 §4.2 and RFC 6960 §4.2.2.2.1 as rules: presence, criticality, agreement, form. */

import {
  accessMethods,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  cRLDistributionPoints,
  type ExtensionType,
  extKeyUsage,
  issuerAltName,
  keyPurposes,
  keyUsage,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
} from '../extensions.ts'
import { urisOf } from '../general-name.ts'
import type { Subject } from './certificate.ts'
import { type Rule, rule } from './finding.ts'
import { generalNamesFault, isHttpUri } from './names.ts'

/** By name, with clause, and whether it must, must not, or may be critical. */
const known = {
  authorityKeyIdentifier: { type: authorityKeyIdentifier, clause: '§4.2.1.1', critical: 'never' },
  subjectKeyIdentifier: { type: subjectKeyIdentifier, clause: '§4.2.1.2', critical: 'never' },
  keyUsage: { type: keyUsage, clause: '§4.2.1.3', critical: 'always' },
  certificatePolicies: { type: certificatePolicies, clause: '§4.2.1.4', critical: 'either' },
  // §4.2.1.6: critical exactly when the subject is empty; a rule of its own says so.
  subjectAltName: { type: subjectAltName, clause: '§4.2.1.6', critical: 'either' },
  issuerAltName: { type: issuerAltName, clause: '§4.2.1.7', critical: 'never' },
  basicConstraints: { type: basicConstraints, clause: '§4.2.1.9', critical: 'either' },
  extKeyUsage: { type: extKeyUsage, clause: '§4.2.1.12', critical: 'either' },
  cRLDistributionPoints: { type: cRLDistributionPoints, clause: '§4.2.1.13', critical: 'never' },
  authorityInfoAccess: { type: authorityInfoAccess, clause: '§4.2.2.1', critical: 'never' },
} as const
type Known = keyof typeof known

const about = <Name extends Known>(
  name: Name,
  says: (
    value: NonNullable<ReturnType<(typeof known)[Name]['type']['codec']['decode']>>,
    subject: Subject,
  ) => string | false | undefined,
): Rule<Subject> => {
  const type = known[name].type as ExtensionType<Parameters<typeof says>[0]>
  return rule(`RFC 5280 ${known[name].clause}`, `extensions.${name}`, (subject) => {
    const found = subject.certificate.extension(type)
    return found === undefined ? undefined : says(found.value, subject)
  })
}

const criticality: readonly Rule<Subject>[] = Object.entries(known).flatMap(([name, { type, clause, critical }]) =>
  critical === 'either'
    ? []
    : [
        rule<Subject>(`RFC 5280 ${clause}`, `extensions.${name}`, ({ certificate }) => {
          const found = certificate.extensions.find(({ extnID }) => extnID === type.id)
          if (found === undefined || found.critical === (critical === 'always')) return undefined
          return found.critical ? 'is critical' : 'is not critical'
        }),
      ],
)

const understood: ReadonlySet<string> = new Set([...Object.values(known).map(({ type }) => type.id), ocspNoCheck.id])
const hasTwice = (values: readonly string[]): boolean => new Set(values).size !== values.length
const cpsPointer = '1.3.6.1.5.5.7.2.1'
const userNotice = '1.3.6.1.5.5.7.2.2'

const forms: readonly Rule<Subject>[] = [
  rule('RFC 5280 §4.2', 'extensions', ({ certificate }) => {
    const strange = certificate.extensions.find(({ extnID, critical }) => critical && !understood.has(extnID))
    return strange && `has a critical ${strange.extnID} that nobody here understands`
  }),
  about('keyUsage', (usage) => usage.length === 0 && 'sets no bit'),
  about('keyUsage', (usage, { isCa }) => !isCa && usage.includes('keyCertSign') && 'has keyCertSign without cA'),
  about(
    'keyUsage',
    (usage) =>
      (usage.includes('encipherOnly') || usage.includes('decipherOnly')) &&
      !usage.includes('keyAgreement') &&
      'has encipherOnly or decipherOnly without keyAgreement',
  ),
  rule('RFC 5280 §4.2.1.3', 'extensions.keyUsage', ({ certificate, isCa }) =>
    isCa && certificate.extension(keyUsage)?.value.includes('keyCertSign') !== true
      ? 'does not have keyCertSign, in a CA'
      : undefined,
  ),
  rule('RFC 5280 §4.2.1.9', 'extensions.basicConstraints', ({ certificate, isCa }) =>
    isCa && certificate.extension(basicConstraints)?.critical === false ? 'is not critical, in a CA' : undefined,
  ),
  about(
    'basicConstraints',
    ({ cA, pathLenConstraint }) =>
      pathLenConstraint !== undefined && (!cA || pathLenConstraint < 0) && 'has a pathLenConstraint that cannot be',
  ),
  about(
    'certificatePolicies',
    (policies) => hasTwice(policies.map(({ policyIdentifier }) => policyIdentifier)) && 'has the same policy twice',
  ),
  about('certificatePolicies', (policies) => {
    for (const { policyQualifiers = [] } of policies)
      for (const { policyQualifierId, qualifier } of policyQualifiers) {
        if (policyQualifierId === userNotice) continue
        if (policyQualifierId !== cpsPointer) return `has the qualifier ${policyQualifierId}`
        if (qualifier.kind !== 'cPSuri' || !isHttpUri(qualifier.value)) return 'has a CPS pointer that is no URI'
      }
    return undefined
  }),
  about('subjectAltName', generalNamesFault),
  rule('RFC 5280 §4.2.1.6', 'extensions.subjectAltName', ({ certificate }) => {
    const found = certificate.extensions.find(({ extnID }) => extnID === subjectAltName.id)
    if (certificate.subject.length > 0) return found?.critical === true && 'is critical beside a subject'
    return found?.critical !== true && 'is missing or not critical, without a subject'
  }),
  about('issuerAltName', generalNamesFault),
  about('extKeyUsage', (purposes) => hasTwice(purposes) && 'has the same purpose twice'),
  rule('RFC 5280 §4.2.1.12', 'extensions.extKeyUsage', ({ certificate }) => {
    const found = certificate.extension(extKeyUsage)
    if (found?.critical !== true) return undefined
    return found.value.includes(keyPurposes.anyExtendedKeyUsage) && 'is critical, and allows any purpose'
  }),
  rule('RFC 5280 §4.2.1.12', 'extensions.extKeyUsage', ({ certificate }) => {
    if (certificate.extension(extKeyUsage)?.value.includes(keyPurposes.ocspSigning) !== true) return undefined
    const usage = certificate.extension(keyUsage)?.value
    const signs = usage === undefined || usage.includes('digitalSignature') || usage.includes('nonRepudiation')
    return signs ? undefined : 'says OCSP signing, and keyUsage allows no signature'
  }),
  about('cRLDistributionPoints', (points) => {
    for (const { distributionPoint, cRLIssuer, reasons } of points) {
      if (distributionPoint === undefined && cRLIssuer === undefined) return 'has a point that names nothing'
      if (reasons !== undefined && points.every((one) => one.reasons !== undefined))
        return 'has no point for all reasons'
      if (distributionPoint?.kind !== 'fullName') continue
      const fault = generalNamesFault(distributionPoint.value)
      if (fault !== undefined) return fault
      const odd = urisOf(distributionPoint.value).find((uri) => !/^(?:https?|ldaps?|ftp):\/\//.test(uri))
      if (odd !== undefined) return `has ${odd}, where http, ldap or ftp is meant`
    }
    return undefined
  }),
  about('authorityInfoAccess', (descriptions) => {
    for (const { accessMethod, accessLocation } of descriptions) {
      const fault = generalNamesFault([accessLocation])
      if (fault !== undefined) return fault
      const isWeb = accessMethod === accessMethods.ocsp || accessMethod === accessMethods.caIssuers
      if (!isWeb || accessLocation.kind === 'directoryName') continue
      if (accessLocation.kind !== 'uniformResourceIdentifier') return 'has a location that is no URI'
      // §4.2.2.1: fetched in plain HTTP, or its own check would need it again (§8).
      if (!/^(?:http|ldap):\/\//.test(accessLocation.value)) return `has ${accessLocation.value}, where http is meant`
    }
    return undefined
  }),
  rule('RFC 6960 §4.2.2.2.1', 'extensions.ocspNoCheck', ({ certificate }) => {
    const found = certificate.extension(ocspNoCheck)
    if (found === undefined) return undefined
    if (certificate.extension(extKeyUsage)?.value.includes(keyPurposes.ocspSigning) !== true)
      return 'stands in a certificate that is not one for OCSP signing'
    return found.critical && 'is critical'
  }),
]

export const extensionRules: readonly Rule<Subject>[] = [...criticality, ...forms]
