/** Certificate and CRL extensions, each declared with its identifier. RFC 5280 §4.2, §5.2; RFC 6960 §4.2.2.2.1. */

import {
  any,
  bits,
  boolean,
  choice,
  type DerCodec,
  DerError,
  equalOctets,
  explicit,
  ia5String,
  implicit,
  integer,
  integerOctets,
  namedBits,
  nullValue,
  objectIdentifier,
  octetString,
  optional,
  sequence,
  sequenceOf,
  smallInteger,
  type TypeOf,
  withDefault,
} from '@mobile-jpki/der'
import { GeneralName, GeneralNames } from './general-name.ts'
import { RelativeDistinguishedName } from './name.ts'

/** Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }. RFC 5280 §4.1. */
export const Extension = sequence({
  extnID: objectIdentifier,
  critical: withDefault(boolean, false),
  extnValue: octetString,
})
export type Extension = TypeOf<typeof Extension>
export const Extensions = sequenceOf(Extension, { min: 1 })

export interface ExtensionType<T> {
  readonly id: string
  readonly codec: DerCodec<T>
}
const extensionType = <T>(id: string, codec: DerCodec<T>): ExtensionType<T> => ({ id, codec })

/** Builds an extension: `extension(keyUsage, ['digitalSignature'], 'critical')`. */
export const extension = <T>(type: ExtensionType<T>, value: T, critical?: 'critical'): Extension => ({
  extnID: type.id,
  critical: critical !== undefined,
  extnValue: type.codec.encode(value),
})

export interface ExtensionValue<T> {
  readonly critical: boolean
  readonly value: T
}

export function findExtension<T>(
  extensions: readonly Extension[],
  type: ExtensionType<T>,
): ExtensionValue<T> | undefined {
  const found = extensions.find(({ extnID }) => extnID === type.id)
  if (found === undefined) return undefined
  return { critical: found.critical, value: type.codec.decode(found.extnValue) }
}

/** RFC 5280 §4.2: no extension twice. */
export function checkExtensions(extensions: readonly Extension[]): readonly Extension[] {
  if (new Set(extensions.map(({ extnID }) => extnID)).size !== extensions.length)
    throw new DerError('the same extension stands twice', 'extensions')
  return extensions
}

/** RFC 5280 §4.2, §5.2: what is critical and not understood is refused, with all that carries it. */
export function checkCritical(extensions: readonly Extension[], understood: readonly { readonly id: string }[]): void {
  for (const { critical, extnID } of extensions)
    if (critical && !understood.some(({ id }) => id === extnID))
      throw new DerError(`unknown critical extension ${extnID}`, 'extensions')
}

/** §4.2.1.1. */
export const authorityKeyIdentifier = extensionType(
  '2.5.29.35',
  sequence({
    keyIdentifier: optional(implicit(0, octetString)),
    authorityCertIssuer: optional(implicit(1, GeneralNames)),
    authorityCertSerialNumber: optional(implicit(2, integerOctets)),
  }),
)
/** §4.2.1.2. */
export const subjectKeyIdentifier = extensionType('2.5.29.14', octetString)

/** §4.2.1.3. */
export const KeyUsage = namedBits({
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
})
export type KeyUsage = TypeOf<typeof KeyUsage>[number]
export const keyUsage = extensionType('2.5.29.15', KeyUsage)

/** A policy qualifier: the CPS pointer is read, any other is carried through. §4.2.1.4. */
export const PolicyInformation = sequence({
  policyIdentifier: objectIdentifier,
  policyQualifiers: optional(
    sequenceOf(
      sequence({ policyQualifierId: objectIdentifier, qualifier: choice({ cPSuri: ia5String, other: any }) }),
      { min: 1 },
    ),
  ),
})
export type PolicyInformation = TypeOf<typeof PolicyInformation>
export const certificatePolicies = extensionType('2.5.29.32', sequenceOf(PolicyInformation, { min: 1 }))
export const anyPolicy = '2.5.29.32.0'

/** A policy with, where given, the address of its certification practice statement. */
export const policyOf = (policyIdentifier: string, cps?: string): PolicyInformation =>
  cps === undefined
    ? { policyIdentifier }
    : {
        policyIdentifier,
        policyQualifiers: [{ policyQualifierId: '1.3.6.1.5.5.7.2.1', qualifier: { kind: 'cPSuri', value: cps } }],
      }

/** §4.2.1.6, §4.2.1.7. */
export const subjectAltName = extensionType('2.5.29.17', GeneralNames)
export const issuerAltName = extensionType('2.5.29.18', GeneralNames)

/** §4.2.1.9. */
export const basicConstraints = extensionType(
  '2.5.29.19',
  sequence({ cA: withDefault(boolean, false), pathLenConstraint: optional(smallInteger) }),
)

/** §4.2.1.12. */
export const extKeyUsage = extensionType('2.5.29.37', sequenceOf(objectIdentifier, { min: 1 }))
export const keyPurposes = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const

/** §4.2.1.13. */
export const DistributionPointName = choice({
  fullName: implicit(0, GeneralNames),
  nameRelativeToCRLIssuer: implicit(1, RelativeDistinguishedName),
})
export const DistributionPoint = sequence({
  distributionPoint: optional(explicit(0, DistributionPointName)),
  reasons: optional(implicit(1, bits)),
  cRLIssuer: optional(implicit(2, GeneralNames)),
})
export type DistributionPoint = TypeOf<typeof DistributionPoint>
export const cRLDistributionPoints = extensionType('2.5.29.31', sequenceOf(DistributionPoint, { min: 1 }))
export const distributionPointOf = (...fullName: readonly GeneralName[]): DistributionPoint => ({
  distributionPoint: { kind: 'fullName', value: fullName },
})

/** §4.2.2.1. */
export const AccessDescription = sequence({ accessMethod: objectIdentifier, accessLocation: GeneralName })
export const authorityInfoAccess = extensionType('1.3.6.1.5.5.7.1.1', sequenceOf(AccessDescription, { min: 1 }))
export const accessMethods = { ocsp: '1.3.6.1.5.5.7.48.1', caIssuers: '1.3.6.1.5.5.7.48.2' } as const

/** RFC 6960 §4.2.2.2.1: the responder's own certificate need not be checked for revocation. */
export const ocspNoCheck = extensionType('1.3.6.1.5.5.7.48.1.5', nullValue)

const certificateExtensions: readonly ExtensionType<unknown>[] = [
  authorityKeyIdentifier,
  subjectKeyIdentifier,
  keyUsage,
  certificatePolicies,
  subjectAltName,
  issuerAltName,
  basicConstraints,
  extKeyUsage,
  cRLDistributionPoints,
  authorityInfoAccess,
  ocspNoCheck,
]

/** What most certificates of a CA say in the same octets is not read anew for each: by type, the octets that were read last. */
const lastRead = new Map<ExtensionType<unknown>, { readonly octets: Uint8Array; readonly value: unknown }>()

function readAgain(type: ExtensionType<unknown>, octets: Uint8Array): unknown {
  const last = lastRead.get(type)
  if (last !== undefined && equalOctets(last.octets, octets)) return last.value
  const own = octets.slice()
  const value = type.codec.decode(own)
  lastRead.set(type, { octets: own, value })
  return value
}

/** Reads every certificate extension declared here, so that a certificate once opened has no unreadable one left. */
export function readExtensions(
  extensions: readonly Extension[],
): ReadonlyMap<ExtensionType<unknown>, ExtensionValue<unknown>> {
  const read = new Map<ExtensionType<unknown>, ExtensionValue<unknown>>()
  for (const { extnID, critical, extnValue } of checkExtensions(extensions)) {
    const type = certificateExtensions.find(({ id }) => id === extnID)
    if (type === undefined) continue
    try {
      read.set(type, { critical, value: readAgain(type, extnValue) })
    } catch (error) {
      throw error instanceof DerError ? error.within(extnID).within('extensions') : error
    }
  }
  return read
}

/** CRL extensions, §5.2.3 and §5.2.5. */
export const cRLNumber = extensionType('2.5.29.20', integer)
export const issuingDistributionPoint = extensionType(
  '2.5.29.28',
  sequence({
    distributionPoint: optional(explicit(0, DistributionPointName)),
    onlyContainsUserCerts: withDefault(implicit(1, boolean), false),
    onlyContainsCACerts: withDefault(implicit(2, boolean), false),
    onlySomeReasons: optional(implicit(3, bits)),
    indirectCRL: withDefault(implicit(4, boolean), false),
    onlyContainsAttributeCerts: withDefault(implicit(5, boolean), false),
  }),
)
