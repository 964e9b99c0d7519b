/** Certificate revocation list. RFC 5280 §5. */

import {
  bitString,
  DerError,
  type Element,
  enumerated,
  equalOctets,
  explicit,
  generalizedTime,
  integerOctets,
  octetsOf,
  onlyElement,
  opaque,
  optional,
  raw,
  readElement,
  sequence,
  smallInteger,
  type TypeOf,
  time,
} from '@mobile-jpki/der'
import { AlgorithmIdentifier } from '../algorithm.ts'
import { serialNumberOctets, serialNumberOf } from '../certificate.ts'
import {
  authorityKeyIdentifier,
  checkCritical,
  checkExtensions,
  cRLNumber,
  type Extension,
  Extensions,
  type ExtensionType,
  type ExtensionValue,
  findExtension,
  issuingDistributionPoint,
} from '../extensions.ts'
import { Name } from '../name.ts'
import { searchIn } from './search.ts'

/** CRLReason, §5.3.1. */
export const crlReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const
export const CrlReason = enumerated(crlReasons)
export type CrlReason = TypeOf<typeof CrlReason>

/** Entry extensions, §5.3. */
export const reasonCode: ExtensionType<CrlReason> = { id: '2.5.29.21', codec: CrlReason }
export const invalidityDate: ExtensionType<Date> = { id: '2.5.29.24', codec: generalizedTime }

export const RevokedCertificate = sequence({
  userCertificate: integerOctets,
  revocationDate: time,
  crlEntryExtensions: optional(Extensions),
})

/** The entries stay unread: a list may have a million of them. */
export const TbsCertList = sequence({
  version: optional(smallInteger),
  signature: AlgorithmIdentifier,
  issuer: raw(Name),
  thisUpdate: time,
  nextUpdate: optional(time),
  revokedCertificates: optional(opaque(0x30)),
  crlExtensions: optional(explicit(0, Extensions)),
})
export const CertificateList = sequence({
  tbsCertList: raw(TbsCertList),
  signatureAlgorithm: AlgorithmIdentifier,
  signatureValue: bitString,
})

export interface RevokedEntry {
  /** Canonical lower-case hex. */
  readonly serialNumber: string
  readonly revocationDate: Date
  /** An entry without a reason code means unspecified (§5.3.1), and is written without one. */
  readonly reason: CrlReason
}

/** A CRL opened for use. All octets are views of `der`. */
export interface ParsedCrl {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly issuer: Name
  readonly issuerOctets: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly extensions: readonly Extension[]
  extension<T>(type: ExtensionType<T>): ExtensionValue<T> | undefined
  entries(): Generator<RevokedEntry, void>
  /** The entry of that certificate; from the second question on found without walking the others. */
  find(serialNumber: string): RevokedEntry | undefined
}

export function parseCrl(der: Uint8Array): ParsedCrl {
  const { tbsCertList, signatureAlgorithm, signatureValue } = CertificateList.decode(der)
  const { version, signature, issuer, revokedCertificates, crlExtensions = [], ...rest } = tbsCertList.value
  if (!equalOctets(AlgorithmIdentifier.encode(signature), AlgorithmIdentifier.encode(signatureAlgorithm)))
    throw new DerError('the two signature algorithms differ', 'signatureAlgorithm')
  if (version !== undefined && version !== 1) throw new DerError('is not 2', 'version')
  if (crlExtensions.length > 0 && version !== 1) throw new DerError('only version 2 has extensions', 'version')
  checkCritical(checkExtensions(crlExtensions), [authorityKeyIdentifier, cRLNumber, issuingDistributionPoint])
  const list = revokedCertificates === undefined ? undefined : onlyElement(revokedCertificates)
  const search = list && searchIn(list)
  const { nextUpdate } = rest
  return {
    der,
    tbs: tbsCertList.octets,
    signatureAlgorithm,
    signature: signatureValue,
    issuer: issuer.value,
    issuerOctets: issuer.octets,
    thisUpdate: rest.thisUpdate,
    ...(nextUpdate !== undefined && { nextUpdate }),
    extensions: crlExtensions,
    extension: (type) => findExtension(crlExtensions, type),
    *entries() {
      if (list === undefined) return
      for (let at = list.contents; at < list.end; ) {
        const element = readElement(list.octets, at, list.end)
        at = element.end
        yield readEntry(element)
      }
    },
    find: (serialNumber) => {
      const found = search?.(serialNumberOctets(serialNumber))
      return found && readEntry(found)
    },
  }
}

/** The entry of a serial number in a CRL, or undefined. Signature and freshness are the caller's. */
export const findRevoked = (crl: Uint8Array, serialNumber: string): RevokedEntry | undefined =>
  parseCrl(crl).find(serialNumber)

function readEntry(element: Element): RevokedEntry {
  const { userCertificate, revocationDate, crlEntryExtensions } = RevokedCertificate.decode(octetsOf(element))
  const extensions = checkExtensions(crlEntryExtensions ?? [])
  checkCritical(extensions, [reasonCode])
  return {
    serialNumber: serialNumberOf(userCertificate),
    revocationDate,
    reason: findExtension(extensions, reasonCode)?.value ?? 'unspecified',
  }
}
