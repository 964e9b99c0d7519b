/** Structures that are wrong in one way each, and how we and others take them. RFC 5280 §4, §5; RFC 6960 §4; ITU-T X.690 §8, §10, §11. */
import * as raw from './raw.ts'

export interface Case {
  readonly what: string
  readonly octets: Uint8Array
}
const { hex, seq, tlv, utc, generalized } = raw
const made =
  <T>(make: (changed: T) => Uint8Array) =>
  (what: string, changed: T): Case => ({ what, octets: make(changed) })
const cert = made(raw.certificate)
const list = made(raw.list)
const answer = made(raw.response)
const asked = made(raw.request)
const good = raw.certificate()
const validity = (from: Uint8Array) => ({ validity: seq(from, utc('310101000000Z')) })
const subject = (value: Uint8Array) => ({ subject: raw.name(raw.commonName(value)) })
const extensions = (...all: readonly Uint8Array[]) => ({ extensions: tlv(0xa3, seq(...all)) })
const nothing = new Uint8Array()
/** The outer length in one octet more than it needs. */
const longLength = (octets: Uint8Array) => raw.join(hex('30 83 00'), octets.subarray(2))

export const certificates: readonly Case[] = [
  { what: 'a good one', octets: good },
  cert('version 1 without extensions', { version: nothing, extensions: nothing }),
  cert('GeneralizedTime from 2050', { validity: seq(utc('260101000000Z'), generalized('20500101000000Z')) }),
  cert('an unknown extension', extensions(raw.keyUsage, raw.unknown())),
  cert('an unknown critical extension', extensions(raw.keyUsage, raw.unknown(raw.yes))),
  { what: 'cut short', octets: good.subarray(0, -3) },
  { what: 'nothing at all', octets: nothing },
  { what: 'a SET instead of a SEQUENCE', octets: good.with(0, 0x31) },
  cert('octets that follow', { after: hex('00 00') }),
  { what: 'a length that is not minimal', octets: longLength(good) },
  { what: 'an indefinite length', octets: raw.join(hex('30 80'), good.subarray(4), hex('00 00')) },
  cert('no validity', { validity: nothing }),
  cert('version 4', { version: tlv(0xa0, hex('02 01 03')) }),
  cert('version 1 written out', { version: tlv(0xa0, hex('02 01 00')), extensions: nothing }),
  cert('extensions in version 1', { version: nothing }),
  cert('serial number 0', { serial: hex('02 01 00') }),
  cert('a negative serial number', { serial: hex('02 01 80') }),
  cert('a serial number of 21 octets', { serial: tlv(0x02, new Uint8Array(21).fill(1)) }),
  cert('an empty serial number', { serial: hex('02 00') }),
  cert('a serial number with a zero too many', { serial: hex('02 02 00 41') }),
  cert('two signature algorithms', { algorithm: seq(raw.oid('2a 86 48 86 f7 0d 01 01 0b'), hex('05 00')) }),
  cert('an OBJECT IDENTIFIER that ends within an arc', extensions(raw.extension('2a 83', hex('05 00')))),
  cert('an OBJECT IDENTIFIER with a padded arc', extensions(raw.extension('2a 80 03', hex('05 00')))),
  cert('UTCTime without seconds', validity(utc('2601010000Z'))),
  cert('UTCTime of another zone', validity(utc('260101090000+0900'))),
  cert('GeneralizedTime with a fraction', validity(generalized('20260101000000.5Z'))),
  cert('GeneralizedTime before 2050', validity(generalized('20260101000000Z'))),
  cert('31 June', validity(utc('260631000000Z'))),
  cert('the second 60', validity(utc('260101000060Z'))),
  cert('letters in a time', validity(utc('2601010000ZZZ'))),
  cert('an attribute without a value', { subject: seq(raw.country, tlv(0x31, seq(raw.oid('55 04 03')))) }),
  cert('an empty RDN', { subject: seq(raw.country, tlv(0x31)) }),
  cert('RDN values out of order', {
    subject: seq(
      tlv(0x31, seq(raw.oid('55 04 0b'), tlv(0x0c, raw.text('b'))), seq(raw.oid('55 04 0a'), tlv(0x0c, raw.text('a')))),
    ),
  }),
  cert('UTF8String that is not UTF-8', subject(hex('0c 02 c3 28'))),
  cert('PrintableString with an asterisk', subject(tlv(0x13, raw.text('a*b')))),
  cert('IA5String beyond ASCII', subject(hex('16 01 e9'))),
  cert('a critical mark of 01', extensions(raw.extension('55 1d 0f', hex('03 02 07 80'), hex('01 01 01')))),
  cert('a critical mark that is FALSE', extensions(raw.extension('55 1d 0f', hex('03 02 07 80'), hex('01 01 00')))),
  cert('an extension twice', extensions(raw.keyUsage, raw.keyUsage)),
  cert('no extension in the list of them', extensions()),
  cert('keyUsage that is not a BIT STRING', extensions(raw.extension('55 1d 0f', hex('02 01 01')))),
  cert('keyUsage with octets after it', extensions(raw.extension('55 1d 0f', hex('03 02 07 80 00')))),
  cert('keyUsage with unused bits set', extensions(raw.extension('55 1d 0f', hex('03 02 07 81')))),
  cert('keyUsage that ends with a zero bit', extensions(raw.extension('55 1d 0f', hex('03 02 00 80')))),
  cert('basicConstraints with FALSE written out', extensions(raw.extension('55 1d 13', hex('30 03 01 01 00')))),
  cert('a signature of no whole octets', { signatureValue: raw.bits(hex('30 06 02 01 01 02 01 00'), 4) }),
  cert('a signature without its unused bits', { signatureValue: hex('03 00') }),
  cert('an empty list of distribution points', extensions(raw.extension('55 1d 1f', hex('30 00')))),
  cert('an empty subjectAltName', extensions(raw.extension('55 1d 11', hex('30 00')))),
  cert('unique identifiers', { unique: hex('81 02 00 41') }),
]

const entry = (...parts: readonly Uint8Array[]) => ({ revoked: seq(seq(...parts)) })
const serial = hex('02 01 41')
const then = utc('251231000000Z')
const reason = (value: string) => seq(raw.extension('55 1d 15', hex(value)))

export const lists: readonly Case[] = [
  list('a good one', {}),
  list('nobody revoked', { revoked: nothing }),
  list('version 1', { version: nothing, extensions: nothing, revoked: seq(seq(serial, then)) }),
  list('no nextUpdate', { nextUpdate: nothing }),
  { what: 'cut short', octets: raw.list().subarray(0, -3) },
  list('octets that follow', { after: hex('00 00') }),
  list('version 3', { version: hex('02 01 02') }),
  list('extensions in version 1', { version: nothing }),
  list('an empty list of entries', { revoked: seq() }),
  list('an entry without a time', entry(serial)),
  list('an entry that is not a SEQUENCE', { revoked: seq(serial) }),
  list('a reason that nobody knows', entry(serial, then, reason('0a 01 0b'))),
  list('a reason that is an INTEGER', entry(serial, then, reason('02 01 01'))),
  list('a time with a fraction', entry(serial, generalized('20251231000000.5Z'))),
  list('an unknown critical entry extension', entry(serial, then, seq(raw.unknown(raw.yes)))),
  list('an unknown critical extension', { extensions: tlv(0xa0, seq(raw.unknown(raw.yes))) }),
  list('an extension twice', { extensions: tlv(0xa0, seq(raw.unknown(), raw.unknown())) }),
  list('two signature algorithms', { algorithm: seq(raw.oid('2a 86 48 86 f7 0d 01 01 0b'), hex('05 00')) }),
  list('31 June', { thisUpdate: utc('260631000000Z') }),
]

export const responses: readonly Case[] = [
  answer('a good one', {}),
  answer('revoked', { status: tlv(0xa1, generalized('20251231000000Z')) }),
  answer('unknown', { status: hex('82 00') }),
  { what: 'an error without an answer', octets: hex('30 03 0a 01 01') },
  { what: 'success without an answer', octets: hex('30 03 0a 01 00') },
  { what: 'a status that there is not', octets: hex('30 03 0a 01 04') },
  answer('octets that follow', { after: hex('00 00') }),
  answer('another type of answer', { type: raw.oid('2a 03 04') }),
  answer('a status of no kind', { status: hex('83 00') }),
  answer('good with contents', { status: hex('80 01 00') }),
  answer('no single answer', { answers: seq() }),
  answer('a UTCTime', { thisUpdate: utc('260101000000Z') }),
  answer('a time with a fraction', { producedAt: generalized('20260101000000.5Z') }),
  answer('version 2', { version: tlv(0xa0, hex('02 01 01')) }),
  answer('an unknown critical extension', { extensions: tlv(0xa1, seq(raw.unknown(raw.yes))) }),
]

export const requests: readonly Case[] = [
  asked('a good one', {}),
  asked('octets that follow', { after: hex('00 00') }),
  asked('nothing asked', { list: seq() }),
  asked('version 2', { version: tlv(0xa0, hex('02 01 01')) }),
  asked('an empty nonce', { extensions: tlv(0xa2, seq(raw.extension('2b 06 01 05 05 07 30 01 02', hex('04 00')))) }),
  asked('an unknown critical extension', { extensions: tlv(0xa2, seq(raw.unknown(raw.yes))) }),
  asked('a serial number of 21 octets', {
    list: seq(seq(raw.certId.slice(0, -3).with(1, (raw.certId[1] ?? 0) + 20), tlv(0x02, new Uint8Array(21).fill(1)))),
  }),
]
