/** On what terms a certificate is made: what the profile leaves open, and the form of each. RFC 5280 §4.2. */
import {
  accessMethods,
  authorityInfoAccess,
  type authorityKeyIdentifier,
  cRLDistributionPoints,
  type GeneralName,
  type ParsedCertificate,
  type PolicyInformation,
  policyOf,
} from '@mobile-jpki/pkix'
import type { CertificateUse } from '../card/application.ts'
import type { FourItems } from './four-items.ts'
import {
  type CertificateKind,
  certificatePolicyIds,
  holderIdentifierForm,
  type Municipality,
  organization,
  purposeUnit,
} from './names.ts'
import { directoryName, distinguishedName, listed, type Part, text, uri } from './parts.ts'

export interface OwnKey {
  /** SHA-1 of the public key, RFC 5280 §4.2.1.2 (1). */
  readonly subjectKeyIdentifier: Uint8Array
}
interface Keys extends OwnKey {
  /** That of the CA. */
  readonly authorityKeyIdentifier: Uint8Array
}
/** Of a municipality's list. */
export interface ListTerms {
  readonly names: readonly GeneralName[]
}
/** Of a certificate's place in such a list. */
export interface PartitionTerms {
  readonly municipality: Pick<Municipality, 'prefecture' | 'city'>
  readonly locations: { readonly crl: string }
}
export interface HolderTerms extends Keys, PartitionTerms {
  /** As `holderIdentifier` makes it. */
  readonly identifier: string
  readonly municipality: Municipality
  /** Where anyone can fetch; without them no ordinary verifier could ask. `crl` is the municipality's list. */
  readonly locations: { readonly crl: string; readonly ocsp: string; readonly caIssuers: string; readonly cps?: string }
}
export interface SignTerms extends HolderTerms {
  readonly fourItems: FourItems
}
export type AuthorityTerms = OwnKey
export interface ResponderTerms extends Keys {
  /** The CA key for which it answers: `sign-1`. */
  readonly generation: string
}

export const identifierOf = (kind: CertificateKind) =>
  text<HolderTerms>(({ identifier }) => identifier, holderIdentifierForm(kind), "a holder's identifier")
const place = /^\S(?:.*\S)?$/
export const prefecture = text<PartitionTerms>(({ municipality }) => municipality.prefecture, place, 'a prefecture')
export const city = text<PartitionTerms>(({ municipality }) => municipality.city, place, 'a city')
const cityCrldp = text<PartitionTerms>(({ municipality }) => `${municipality.city} CRLDP`, /^\S.* CRLDP$/, 'a city')

export const responderName = (use: CertificateUse) =>
  distinguishedName<ResponderTerms>(
    ['C', 'JP'],
    ['O', organization],
    [
      'CN',
      text(
        ({ generation }) => `OCSP responder ${generation}`,
        new RegExp(`^OCSP responder ${use}-\\d+$`),
        'a responder',
      ),
    ],
  )

const lengthFault = (octets: Uint8Array | undefined) =>
  octets?.length === 20 ? undefined : 'has no key identifier of 20 octets'
export const ownKey: Part<OwnKey, Uint8Array> = { of: (keys) => keys.subjectKeyIdentifier, fault: lengthFault }
export const issuersKey: Part<Keys, ReturnType<typeof authorityKeyIdentifier.codec.decode>> = {
  of: (keys) => ({ keyIdentifier: keys.authorityKeyIdentifier }),
  fault: ({ keyIdentifier, ...others }) =>
    Object.keys(others).length > 0 ? 'names the CA in other ways too' : lengthFault(keyIdentifier),
}

export const policy = (kind: CertificateKind): Part<HolderTerms, readonly PolicyInformation[]> => ({
  of: ({ locations }) => [policyOf(certificatePolicyIds[kind], locations.cps)],
  fault: ([one, ...others]) =>
    one?.policyIdentifier === certificatePolicyIds[kind] && others.length === 0 ? undefined : 'is not its own policy',
})

const partitionName = (use: CertificateUse) =>
  directoryName(
    distinguishedName<PartitionTerms>(
      ['C', 'JP'],
      ['O', organization],
      ['OU', purposeUnit(use)],
      ['OU', 'CRL Distribution Points'],
      ['OU', prefecture],
      ['CN', cityCrldp],
    ),
  )
const partitionAddress = (use: CertificateUse) => {
  const form = new RegExp(`^http://\\S+/${use}-\\d+/\\d{5}\\.crl$`)
  return uri(text<PartitionTerms>(({ locations }) => locations.crl, form, "the address of a municipality's list"))
}

/** Both names of a municipality's list: a verifier may go by either of them (RFC 5280 §6.3.3 (b)(2)(i)). */
export const partition = (use: CertificateUse): Part<PartitionTerms, readonly GeneralName[]> =>
  listed(partitionName(use), partitionAddress(use))

/** Names that such a list has had: a municipality changes its name, and its certificates keep the one that they were issued with. */
export function partitionNames(use: CertificateUse): Part<ListTerms, readonly GeneralName[]> {
  const [name, address] = [partitionName(use), partitionAddress(use)]
  return {
    of: ({ names }) => names,
    fault: (names) => {
      if (!names.some(({ kind }) => kind === 'uniformResourceIdentifier')) return 'has no address'
      for (const one of names) {
        const fault = (one.kind === 'directoryName' ? name : address).fault(one)
        if (fault !== undefined) return fault
      }
      return undefined
    },
  }
}

/** OCSP first, then the CA's certificate. */
export const accessFor = (use: CertificateUse) =>
  listed(access('ocsp', /^http:\/\/\S+\/ocsp$/), access('caIssuers', new RegExp(`^http://\\S+/${use}-\\d+\\.cer$`)))

function access(kind: 'ocsp' | 'caIssuers', form: RegExp) {
  const location = uri(text<HolderTerms>(({ locations }) => locations[kind], form, `an address of ${kind}`))
  return {
    of: (terms: HolderTerms) => ({ accessMethod: accessMethods[kind], accessLocation: location.of(terms) }),
    fault: ({
      accessMethod,
      accessLocation,
    }: {
      readonly accessMethod: string
      readonly accessLocation: GeneralName
    }) => (accessMethod === accessMethods[kind] ? location.fault(accessLocation) : `has no ${kind} in its place`),
  }
}

/** One certificate, one municipality, one CA key: what names them in several places names the same. */
export function holderAgreement(certificate: ParsedCertificate): string | undefined {
  const point = certificate.extension(cRLDistributionPoints)?.value[0]?.distributionPoint
  const [, caIssuers] = certificate.extension(authorityInfoAccess)?.value ?? []
  if (point?.kind !== 'fullName') return undefined
  const [, generation, code] = /\/((?:sign|auth)-\d+)\/(\d{5})\.crl$/.exec(String(point.value[1]?.value)) ?? []
  if (String(certificate.subject.at(-1)?.[0]?.value.value).slice(14, 19) !== code)
    return 'names one municipality in the subject, another in the distribution point'
  return String(caIssuers?.accessLocation.value).endsWith(`/${generation}.cer`)
    ? undefined
    : 'names one CA key in the distribution point, another in the access description'
}
