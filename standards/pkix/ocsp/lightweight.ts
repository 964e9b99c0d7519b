/**
 * Lightweight OCSP: one certificate, SHA-1, no extension (RFC 5019 §2.1, §2.2). Requests and answers of one issuer then differ in a few
 * octets at known places only, so they are read and written in place. Serial numbers have eight octets here, signatures are of P-256.
 */
import { AlgorithmIdentifier, algorithms } from '../algorithm.ts'
import { crlReasons } from '../crl/list.ts'
import { CertID, certIdOf, type Hash, type OcspIssuer, ocspRequestOf, ResponseData } from '../ocsp.ts'

export const lightweightSerialLength = 8
const anySerial = '40'.padEnd(2 * lightweightSerialLength, '0')

/** All of a request but the serial number, which ends it. */
export const lightweightPrefix = (issuer: OcspIssuer, hash: Hash): Uint8Array =>
  ocspRequestOf([certIdOf(issuer, anySerial, hash)]).slice(0, -lightweightSerialLength)

/** Times are seconds since 1970. */
export interface LightweightAnswer {
  readonly serialNumber: Uint8Array
  /** Good, if not said. `reason` is the number of a CRLReason. */
  readonly revoked?: { readonly at: number; readonly reason: number } | undefined
  /** It is `producedAt` too. */
  readonly thisUpdate: number
  readonly nextUpdate: number
}

export interface LightweightResponder {
  readonly issuer: OcspIssuer
  /** SHA-1 of the bits of the responder's public key. */
  readonly keyHash: Uint8Array
  readonly certificate: Uint8Array
  readonly hash: Hash
}

export interface LightweightWriter {
  /** What the responder signs: ResponseData. */
  toBeSigned(answer: LightweightAnswer): Uint8Array
  /** OCSPResponse; the signature is r ‖ s. */
  response(answer: LightweightAnswer, signature: Uint8Array): Uint8Array
}

/** GeneralizedTime as DER writes it, YYYYMMDDHHMMSSZ. */
const timeLength = 15
/** Tag and length of a GeneralizedTime, and of one in a tag [0]. */
const [timeHeader, taggedTimeHeader] = [2, 4]
const responderIdLength = 24

export function lightweightWriter({ issuer, keyHash, certificate, hash }: LightweightResponder): LightweightWriter {
  const certId = certIdOf(issuer, anySerial, hash)
  const layoutOf = (certStatus: ResponseData['responses'][number]['certStatus'], statusLength: number): Layout => {
    const octets = ResponseData.encode({
      version: 0,
      responderID: { kind: 'byKey', value: keyHash },
      producedAt: new Date(0),
      responses: [
        {
          certID: { value: certId, octets: CertID.encode(certId) },
          certStatus,
          thisUpdate: new Date(0),
          nextUpdate: new Date(0),
        },
      ],
    })
    const nextUpdate = octets.length - timeLength
    const thisUpdate = nextUpdate - taggedTimeHeader - timeLength
    const status = thisUpdate - timeHeader - statusLength
    const producedAt = headerLength(octets) + responderIdLength + timeHeader
    return { octets, producedAt, serialNumber: status - lightweightSerialLength, status, thisUpdate, nextUpdate }
  }
  const revocationTime = new Date(0)
  const layouts = {
    good: layoutOf({ kind: 'good', value: null }, 2),
    revoked: layoutOf({ kind: 'revoked', value: { revocationTime } }, 19),
    revokedFor: layoutOf({ kind: 'revoked', value: { revocationTime, revocationReason: 'keyCompromise' } }, 24),
  }
  const layoutFor = ({ revoked }: LightweightAnswer): Layout =>
    revoked === undefined
      ? layouts.good
      : revoked.reason === crlReasons.unspecified
        ? layouts.revoked
        : layouts.revokedFor
  const algorithm = AlgorithmIdentifier.encode(algorithms.ecdsaWithSHA256)
  const certificates = wrapped(0xa0, wrapped(0x30, certificate))

  return {
    toBeSigned: (answer) => {
      const layout = layoutFor(answer)
      const octets = new Uint8Array(layout.octets.length)
      fill(octets, 0, layout, answer)
      return octets
    },
    response: (answer, signature) => {
      const layout = layoutFor(answer)
      const r = integerAt(signature, 0)
      const s = integerAt(signature, 32)
      const signatureLength = 9 + r.length + s.length
      const basicLength = layout.octets.length + algorithm.length + signatureLength + certificates.length
      const octets = new Uint8Array(frameLength + basicLength)
      let at = writeFrame(octets, basicLength)
      fill(octets, at, layout, answer)
      at += layout.octets.length
      octets.set(algorithm, at)
      at = writeSignature(octets, at + algorithm.length, signature, r, s)
      octets.set(certificates, at)
      return octets
    },
  }
}

interface Layout {
  readonly octets: Uint8Array
  readonly producedAt: number
  readonly serialNumber: number
  readonly status: number
  readonly thisUpdate: number
  readonly nextUpdate: number
}

function fill(target: Uint8Array, start: number, layout: Layout, answer: LightweightAnswer): void {
  const { serialNumber, revoked, thisUpdate, nextUpdate } = answer
  if (serialNumber.length !== lightweightSerialLength) throw new RangeError('a serial number has eight octets here')
  target.set(layout.octets, start)
  writeTime(target, start + layout.producedAt, thisUpdate)
  target.set(serialNumber, start + layout.serialNumber)
  if (revoked !== undefined) {
    writeTime(target, start + layout.status + taggedTimeHeader, revoked.at)
    // §5.3.1: CRLReason 0 is not written.
    if (revoked.reason !== crlReasons.unspecified) target[start + layout.thisUpdate - timeHeader - 1] = revoked.reason
  }
  writeTime(target, start + layout.thisUpdate, thisUpdate)
  writeTime(target, start + layout.nextUpdate, nextUpdate)
}

/** OCSPResponse { successful, [0] { id-pkix-ocsp-basic, OCTET STRING { BasicOCSPResponse { … } } } } around 256 to 65,000 octets. */
const frameLength = 34
const oidOfBasicResponse = Uint8Array.fromHex('06092b0601050507300101')

function writeFrame(target: Uint8Array, basicLength: number): number {
  if (basicLength < 256 || basicLength > 65_000) throw new RangeError('an answer has 256 to 65,000 octets here')
  let at = 0
  const header = (tag: number) => {
    const length = frameLength + basicLength - at - 4
    target[at++] = tag
    target[at++] = 0x82
    target[at++] = length >> 8
    target[at++] = length & 0xff
  }
  header(0x30)
  target[at++] = 0x0a
  target[at++] = 1
  target[at++] = 0
  header(0xa0)
  header(0x30)
  target.set(oidOfBasicResponse, at)
  at += oidOfBasicResponse.length
  header(0x04)
  header(0x30)
  return at
}

interface Integer {
  readonly from: number
  readonly end: number
  /** With the zero octet that keeps it positive. */
  readonly length: number
}

function integerAt(signature: Uint8Array, start: number): Integer {
  const end = start + 32
  let from = start
  while (from < end - 1 && signature[from] === 0) from++
  return { from, end, length: end - from + ((signature[from] ?? 0) >> 7) }
}

/** BIT STRING { ECDSA-Sig-Value }, RFC 3279 §2.2.3. */
function writeSignature(target: Uint8Array, start: number, signature: Uint8Array, r: Integer, s: Integer): number {
  let at = start
  target[at++] = 0x03
  target[at++] = 7 + r.length + s.length
  target[at++] = 0
  target[at++] = 0x30
  target[at++] = 4 + r.length + s.length
  for (const { from, end, length } of [r, s]) {
    target[at++] = 0x02
    target[at++] = length
    if (length > end - from) target[at++] = 0
    for (let index = from; index < end; index++) target[at++] = signature[index] ?? 0
  }
  return at
}

const zero = 0x30

function writeTime(target: Uint8Array, start: number, seconds: number): void {
  const days = Math.floor(seconds / 86_400)
  // The calendar counted from 0000-03-01, so that the leap day is the last of its year.
  const era = Math.floor((days + 719_468) / 146_097)
  const dayOfEra = days + 719_468 - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const rest = seconds - days * 86_400
  twoDigits(target, start, Math.floor(year / 100))
  twoDigits(target, start + 2, year % 100)
  twoDigits(target, start + 4, month)
  twoDigits(target, start + 6, day)
  twoDigits(target, start + 8, Math.floor(rest / 3600))
  twoDigits(target, start + 10, Math.floor(rest / 60) % 60)
  twoDigits(target, start + 12, rest % 60)
}

function twoDigits(target: Uint8Array, at: number, value: number): void {
  target[at] = zero + Math.floor(value / 10)
  target[at + 1] = zero + (value % 10)
}

/** Octets before the value of a DER element. */
const headerLength = (octets: Uint8Array): number => ((octets[1] ?? 0) < 0x80 ? 2 : 2 + ((octets[1] ?? 0) & 0x7f))

function wrapped(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.of(tag, ...header, ...value)
}
