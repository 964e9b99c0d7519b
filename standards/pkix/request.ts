/** Certification request, PKCS #10. RFC 2986 §4; extensionRequest of RFC 2985 §5.4.2. */

import {
  any,
  bitString,
  DerError,
  implicit,
  objectIdentifier,
  raw,
  sequence,
  setOf,
  smallInteger,
  type TypeOf,
} from '@mobile-jpki/der'
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from './algorithm.ts'
import {
  checkExtensions,
  type Extension,
  Extensions,
  type ExtensionType,
  type ExtensionValue,
  findExtension,
} from './extensions.ts'
import { Name } from './name.ts'

export const RequestAttribute = sequence({ type: objectIdentifier, values: setOf(any, { min: 1 }) })
export type RequestAttribute = TypeOf<typeof RequestAttribute>

export const CertificationRequestInfo = sequence({
  version: smallInteger,
  subject: raw(Name),
  subjectPKInfo: raw(SubjectPublicKeyInfo),
  attributes: implicit(0, setOf(RequestAttribute)),
})
export const CertificationRequest = sequence({
  certificationRequestInfo: raw(CertificationRequestInfo),
  signatureAlgorithm: AlgorithmIdentifier,
  signature: bitString,
})

export const extensionRequest = '1.2.840.113549.1.9.14'

/** A request opened for use; that its sender has the key is for `verifyCertificationRequest` to say. */
export interface ParsedCertificationRequest {
  readonly der: Uint8Array
  /** What the sender signed. */
  readonly info: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly subject: Name
  readonly subjectOctets: Uint8Array
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly attributes: readonly RequestAttribute[]
  /** Those asked for; an issuer follows its own profile, and no wish of a request. */
  readonly extensions: readonly Extension[]
  extension<T>(type: ExtensionType<T>): ExtensionValue<T> | undefined
}

export function parseCertificationRequest(der: Uint8Array): ParsedCertificationRequest {
  const { certificationRequestInfo, signatureAlgorithm, signature } = CertificationRequest.decode(der)
  const { version, subject, subjectPKInfo, attributes } = certificationRequestInfo.value
  if (version !== 0) throw new DerError('is not 1', 'version')
  const extensions = requestedExtensions(attributes)
  return {
    der,
    info: certificationRequestInfo.octets,
    signatureAlgorithm,
    signature,
    subject: subject.value,
    subjectOctets: subject.octets,
    publicKey: subjectPKInfo.octets,
    attributes,
    extensions,
    extension: (type) => findExtension(extensions, type),
  }
}

function requestedExtensions(attributes: readonly RequestAttribute[]): readonly Extension[] {
  const [request, ...others] = attributes.filter(({ type }) => type === extensionRequest)
  if (request === undefined) return []
  const [wanted, ...more] = request.values
  if (wanted === undefined || more.length > 0 || others.length > 0)
    throw new DerError('extensionRequest has one value', 'attributes')
  return checkExtensions(Extensions.decode(wanted))
}

export interface RequestFields {
  readonly subject: Name
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly extensions?: readonly Extension[]
}

export const certificationRequestInfoOf = ({ subject, publicKey, extensions = [] }: RequestFields): Uint8Array =>
  CertificationRequestInfo.encode({
    version: 0,
    subject: { octets: Name.encode(subject), value: subject },
    subjectPKInfo: { octets: publicKey, value: SubjectPublicKeyInfo.decode(publicKey) },
    attributes:
      extensions.length === 0
        ? []
        : [{ type: extensionRequest, values: [Extensions.encode(checkExtensions(extensions))] }],
  })
