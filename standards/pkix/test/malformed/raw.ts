/** DER put together by hand, so that any piece of it can be wrong. ITU-T X.690 §8; RFC 5280 §4.1, §5.1; RFC 6960 §4.2.1. */
import { generateKeyPairSync, sign } from 'node:crypto'

export const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))
export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const whole = join(...contents)
  const { length } = whole
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return join(Uint8Array.from([tag, ...header]), whole)
}
export const seq = (...contents: readonly Uint8Array[]) => tlv(0x30, ...contents)
export const set = (...contents: readonly Uint8Array[]) => tlv(0x31, ...contents)
export const oid = (contents: string) => tlv(0x06, hex(contents))
export const utc = (value: string) => tlv(0x17, text(value))
export const generalized = (value: string) => tlv(0x18, text(value))
export const bits = (octets: Uint8Array, unused = 0) => tlv(0x03, Uint8Array.of(unused), octets)

export const rdn = (type: string, value: Uint8Array) => set(seq(oid(type), value))
export const country = rdn('55 04 06', tlv(0x13, text('JP')))
export const commonName = (value: Uint8Array) => rdn('55 04 03', value)
export const name = (...rdns: readonly Uint8Array[]) => seq(country, ...rdns)
export const ecdsa = seq(oid('2a 86 48 ce 3d 04 03 02'))

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
const signed = (tbs: Uint8Array, algorithm: Uint8Array, signature?: Uint8Array) =>
  seq(tbs, algorithm, signature ?? bits(new Uint8Array(sign('sha256', tbs, privateKey))))

export const extension = (id: string, value: Uint8Array, critical: Uint8Array = new Uint8Array()) =>
  seq(oid(id), critical, tlv(0x04, value))
export const yes = hex('01 01 ff')
export const keyUsage = extension('55 1d 0f', hex('03 02 07 80'), yes)
export const unknown = (critical?: Uint8Array) => extension('2a 03 04', hex('05 00'), critical)

const fields = {
  version: tlv(0xa0, hex('02 01 02')),
  serial: hex('02 01 41'),
  signature: ecdsa,
  issuer: name(commonName(tlv(0x0c, text('CA')))),
  validity: seq(utc('260101000000Z'), utc('310101000000Z')),
  subject: name(commonName(tlv(0x0c, text('甲')))),
  key,
  unique: new Uint8Array(),
  extensions: tlv(0xa3, seq(keyUsage)),
}
/** The same fields, of whatever octets. */
type Octets<T> = { readonly [K in keyof T]: Uint8Array }
interface Frame {
  readonly algorithm: Uint8Array
  readonly signatureValue: Uint8Array
  readonly after: Uint8Array
}

export function certificate(changed: Partial<Octets<typeof fields> & Frame> = {}): Uint8Array {
  const { algorithm = ecdsa, signatureValue, after = new Uint8Array(), ...others } = changed
  const tbs = seq(...Object.values({ ...fields, ...others }))
  return join(signed(tbs, algorithm, signatureValue), after)
}

const listFields = {
  version: hex('02 01 01'),
  signature: ecdsa,
  issuer: fields.issuer,
  thisUpdate: utc('260101000000Z'),
  nextUpdate: utc('260102000000Z'),
  revoked: seq(seq(hex('02 01 41'), utc('251231000000Z'), seq(extension('55 1d 15', hex('0a 01 01'))))),
  extensions: tlv(0xa0, seq(extension('55 1d 14', hex('02 01 07')))),
}

export function list(changed: Partial<Octets<typeof listFields> & Frame> = {}): Uint8Array {
  const { algorithm = ecdsa, signatureValue, after = new Uint8Array(), ...others } = changed
  return join(signed(seq(...Object.values({ ...listFields, ...others })), algorithm, signatureValue), after)
}

const sha1 = seq(oid('2b 0e 03 02 1a'), hex('05 00'))
export const certId = seq(sha1, tlv(0x04, new Uint8Array(20)), tlv(0x04, new Uint8Array(20)), hex('02 01 41'))
const answerFields = {
  certId,
  status: hex('80 00'),
  thisUpdate: generalized('20260101000000Z'),
  nextUpdate: tlv(0xa0, generalized('20260102000000Z')),
}
const responseFields = {
  version: new Uint8Array(),
  responder: tlv(0xa2, tlv(0x04, new Uint8Array(20))),
  producedAt: generalized('20260101000000Z'),
  extensions: new Uint8Array(),
}
interface ResponseFrame {
  readonly responseStatus: Uint8Array
  readonly type: Uint8Array
  readonly answers: Uint8Array
  readonly after: Uint8Array
}

export function response(
  changed: Partial<Octets<typeof answerFields & typeof responseFields> & ResponseFrame> = {},
): Uint8Array {
  const all = { ...answerFields, ...responseFields, ...changed }
  const one = seq(all.certId, all.status, all.thisUpdate, all.nextUpdate)
  const data = seq(all.version, all.responder, all.producedAt, changed.answers ?? seq(one), all.extensions)
  const type = changed.type ?? oid('2b 06 01 05 05 07 30 01 01')
  const whole = seq(changed.responseStatus ?? hex('0a 01 00'), tlv(0xa0, seq(type, tlv(0x04, signed(data, ecdsa)))))
  return join(whole, changed.after ?? new Uint8Array())
}

export const request = (
  changed: {
    readonly version?: Uint8Array
    readonly list?: Uint8Array
    readonly extensions?: Uint8Array
    readonly after?: Uint8Array
  } = {},
): Uint8Array =>
  join(
    seq(
      seq(
        changed.version ?? new Uint8Array(),
        changed.list ?? seq(seq(certId)),
        changed.extensions ?? new Uint8Array(),
      ),
    ),
    changed.after ?? new Uint8Array(),
  )
