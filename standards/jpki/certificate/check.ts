/** Is a certificate or list what its profile says? RFC 5280 §4, §5; the profiles are the table in profile.ts. */
import { equalOctets } from '@mobile-jpki/der'
import {
  authorityKeyIdentifier,
  certificatePolicies,
  cRLNumber,
  type Finding,
  findingsOf,
  keyKindOf,
  Name,
  type ParsedCertificate,
  type ParsedCrl,
  type Rule,
  rule,
} from '@mobile-jpki/pkix'
import type { CertificateUse } from '../card/application.ts'
import { authorityName, type CertificateKind, certificatePolicyIds } from './names.ts'
import { extensionFaults } from './parts.ts'
import { crlProfiles, type Profile } from './profile.ts'

const day = 86_400_000
const issuerOctets = { sign: Name.encode(authorityName('sign')), auth: Name.encode(authorityName('auth')) }

interface Subject {
  readonly certificate: ParsedCertificate
  readonly profile: Profile<never>
}

const ruleOf = (field: string, says: (subject: Subject) => string | false | undefined): Rule<Subject> =>
  rule('profile', field, says)

const rules: readonly Rule<Subject>[] = [
  ruleOf(
    'serialNumber',
    ({ certificate }) =>
      !/^[4-7][0-9a-f]{15}$/.test(certificate.serialNumber) && 'is not eight octets, the first 40 to 7F',
  ),
  ruleOf(
    'issuer',
    ({ certificate, profile }) =>
      !equalOctets(certificate.issuerOctets, issuerOctets[profile.issuer]) && 'is not the CA of this profile',
  ),
  ruleOf('validity.notAfter', ({ certificate: { notBefore, notAfter }, profile }) => {
    const days = (notAfter.getTime() - notBefore.getTime()) / day
    if (days > profile.longest)
      return `is ${Math.ceil(days)} days after notBefore, of which ${profile.longest} are the most`
    const seconds = (notAfter.getTime() / 1000) % 86_400
    return profile.endsWithTheDay && seconds !== (14 * 60 + 59) * 60 + 59 && 'is not 23:59:59 in Japan'
  }),
  ruleOf('subject', ({ certificate, profile }) => profile.subject.fault(certificate.subject)),
  ruleOf('subjectPublicKeyInfo', ({ certificate, profile }) => {
    const { publicKeyAlgorithm: algorithm, publicKeyBits: subjectPublicKey } = certificate
    const kind = keyKindOf({ algorithm, subjectPublicKey })
    return (kind === undefined || !profile.keys.includes(kind)) && `is none of ${profile.keys.join(', ')}`
  }),
  ruleOf('extensions', ({ certificate, profile }) => profile.agreement?.(certificate)),
]

const named = ({ clause, ...finding }: Finding, name: string): Finding => ({ ...finding, clause: `${clause} ${name}` })

/** Every way in which the certificate is not one of this profile. What RFC 5280 says of it is for `lintCertificate`. */
export function lintProfile<Terms>(certificate: ParsedCertificate, profile: Profile<Terms>): readonly Finding[] {
  const faults = extensionFaults(profile.extensions, certificate)
  return [
    ...findingsOf({ certificate, profile: profile as Profile<never> }, rules),
    ...faults.map(([field, says]) => ({ clause: 'profile', field, says })),
  ].map((finding) => named(finding, profile.name))
}

/** The extensions of a list, which every writer of ours begins with. */
const everyList = [authorityKeyIdentifier.id, cRLNumber.id]

export function lintCrlProfile(
  crl: ParsedCrl,
  scope: keyof typeof crlProfiles,
  use: CertificateUse,
): readonly Finding[] {
  const special = crlProfiles[scope][use]
  const extensions = crl.extensions.filter(({ extnID }) => !everyList.includes(extnID))
  const faults = [...extensionFaults(special, { extensions, extension: (type) => crl.extension(type) })]
  if (everyList.some((id, index) => crl.extensions[index]?.extnID !== id))
    faults.push(['crlExtensions', 'do not begin with authorityKeyIdentifier and cRLNumber'])
  if (!equalOctets(crl.issuerOctets, issuerOctets[use])) faults.push(['issuer', 'is not the CA of this profile'])
  return faults.map(([field, says]) => ({ clause: `profile ${use} CRL, ${scope}`, field, says }))
}

/** The kind of a certificate by its policy; undefined for any other certificate. */
export function certificateKindOf(certificate: ParsedCertificate): CertificateKind | undefined {
  const policies = certificate.extension(certificatePolicies)?.value.map(({ policyIdentifier }) => policyIdentifier)
  return (Object.keys(certificatePolicyIds) as CertificateKind[]).find((kind) =>
    policies?.includes(certificatePolicyIds[kind]),
  )
}
