/**
 * The JPKI card application (公的個人認証AP) as public clients know it, declared once for the My Number card, the JPKI applet,
 * the programs that use either, and the trace. After ISO/IEC 7816-4:2020 §11 and JICSAP; docs/divergences.md says what
 * rests on how many sources, since the specification itself is not public.
 */
import { type AnyCommand, ApduError, type CommandApdu, command, referenceData, SW } from '@mobile-jpki/iso7816'
import { byte, type Codec, octets, oneOf, TlvError, unsigned } from '@mobile-jpki/tlv'
import { terminalCommands } from '../terminal/commands.ts'

/** AID of the JPKI application, the same on the My Number card and in a phone. */
export const jpkiApplication = Uint8Array.fromHex('D392F000260100000001')

/** 利用者証明用 and 署名用: what a key, its certificate and its PIN are for. */
export const certificateUses = ['auth', 'sign'] as const
export type CertificateUse = (typeof certificateUses)[number]

/** Elementary files that go with neither use. Every identifier is at most '001E', hence its own short EF identifier. */
export const elementaryFiles = {
  /** CK_TOKEN_INFO, see token-info.ts. */
  tokenInformation: 0x0006,
  /** Three octets: '8F' where the sign, then the auth certificate exists. */
  certificatesPresent: 0x0008,
  /** The key that terminal certificates are verified with, PIN-less authentication. */
  terminalCaKey: 0x0016,
} as const

export const useFiles = {
  auth: { certificate: 0x000a, caCertificate: 0x000b, privateKey: 0x0017, pin: 0x0018 },
  sign: { certificate: 0x0001, caCertificate: 0x0002, privateKey: 0x001a, pin: 0x001b },
} as const satisfies Record<CertificateUse, Record<string, number>>
export type UseFile = keyof (typeof useFiles)[CertificateUse]

/** The form of a PIN on the card and the tries before it blocks; `issuable` is what the issuing rule asks on top. */
export const pinRules = {
  auth: { form: /^[0-9]{4}$/, issuable: /^[0-9]{4}$/, tries: 3 },
  sign: { form: /^[A-Z0-9]{6,16}$/, issuable: /^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$/, tries: 5 },
} as const satisfies Record<CertificateUse, { form: RegExp; issuable: RegExp; tries: number }>

/** The card compares octets: upper case is the client's business. Undefined where the text cannot be such a PIN. */
export function pinOctets(use: CertificateUse, text: string): Uint8Array | undefined {
  const upper = text.toUpperCase()
  return pinRules[use].form.test(upper) ? new TextEncoder().encode(upper) : undefined
}

export const isPinForm = (use: CertificateUse, pin: Uint8Array): boolean =>
  pinRules[use].form.test(String.fromCharCode(...pin))

const fileName = (file: number) => `EF ${file.toString(16).padStart(4, '0').toUpperCase()}`

/** A file by its short EF identifier, b8 set: of 1 to 30. ISO/IEC 7816-4 §7.3.1. */
const shortFile: Codec<number> = {
  encode: (file) => {
    if (!Number.isInteger(file) || file < 1 || file > 30) throw new TlvError(`${file} is no short EF identifier`)
    return Uint8Array.of(0x80 | file)
  },
  decode: (value) => {
    const [p = 0] = value
    const file = p & 0x1f
    if ((p & 0xe0) !== 0x80 || file === 0 || file === 31) throw new TlvError('not a short EF identifier')
    return file
  },
  show: fileName,
}

/** P2 of the commands on keys and PINs: the file itself, or the one that is current. */
export type Reference = 'current' | number
const reference: Codec<Reference> = {
  encode: (file) => (file === 'current' ? Uint8Array.of(0x80) : shortFile.encode(file)),
  decode: (value) => (value[0] === 0x80 ? 'current' : shortFile.decode(value)),
  show: (file) => (file === 'current' ? 'current EF' : fileName(file)),
}

/** b8 of P1 clear: P1 P2 are an offset of 15 bits in the current file. ISO/IEC 7816-4 §11.3.3. */
const offsetHigh: Codec<number> = {
  encode: (value) => {
    if (value > 0x7f) throw new TlvError('an offset has 15 bits')
    return byte.encode(value)
  },
  decode: (value) => {
    const high = byte.decode(value)
    if (high > 0x7f) throw new TlvError('an offset has 15 bits')
    return high
  },
}

/** The whole AID, or its beginning; nothing stands for the card manager (GPCS v2.3.1 §11.9). */
export const SelectApplication = command({
  name: 'SELECT',
  cla: 0x00,
  ins: 0xa4,
  p1: 0x04,
  p2: oneOf({ fileControlInformation: 0x00, noAnswer: 0x0c }),
  data: octets({ min: 0, max: 16 }),
})

export const SelectFile = command({
  name: 'SELECT',
  cla: 0x00,
  ins: 0xa4,
  p1: 0x02,
  p2: 0x0c,
  data: { ...unsigned(2), show: fileName },
})

/** Without data it asks for the tries left, and spends none. */
export const Verify = command({ name: 'VERIFY', cla: 0x00, ins: 0x20, p1: 0x00, p2: reference, data: referenceData })

/** The new value alone: the old one was verified before. */
export const ChangeReferenceData = command({
  name: 'CHANGE REFERENCE DATA',
  cla: 0x00,
  ins: 0x24,
  p1: 0x01,
  p2: reference,
  data: referenceData,
})

export const ReadBinary = command({
  name: 'READ BINARY',
  cla: 0x00,
  ins: 0xb0,
  p1: offsetHigh,
  p2: byte,
  response: octets(),
})

/** Reads from another file, which becomes the current one; the offset has 8 bits. */
export const ReadBinaryOfFile = command({
  name: 'READ BINARY',
  cla: 0x00,
  ins: 0xb0,
  p1: shortFile,
  p2: byte,
  response: octets(),
})

/** What the card makes of the data before it signs. Every public client uses the first; the others have one source. */
export const signatureForms = {
  /** 1 to 245 octets, normally a DigestInfo, padded by PKCS #1 v1.5 type 1. */
  asGiven: 0x00,
  /** SHA-256 in the card, padded without a DigestInfo. */
  messageBareHash: 0x01,
  /** A SHA-256 hash, into a DigestInfo. */
  hash: 0x02,
  /** SHA-256 in the card, into a DigestInfo. */
  message: 0x03,
  /** A SHA-256 hash, RSASSA-PSS. */
  hashPss: 0x04,
  /** SHA-256 in the card, RSASSA-PSS. */
  messagePss: 0x05,
} as const
export type SignatureForm = keyof typeof signatureForms

export const ComputeDigitalSignature = command({
  name: 'COMPUTE DIGITAL SIGNATURE',
  cla: 0x80,
  ins: 0x2a,
  p1: oneOf(signatureForms),
  p2: reference,
  data: octets(),
  response: octets(256),
})

export const GetChallenge = command({
  name: 'GET CHALLENGE',
  cla: 0x00,
  ins: 0x84,
  p1: 0x00,
  p2: 0x00,
  response: octets({ min: 1, max: 256 }),
})

/** For traces: `explain(jpkiCommands, octets)`. */
export const jpkiCommands: readonly AnyCommand[] = [
  SelectApplication,
  SelectFile,
  Verify,
  ChangeReferenceData,
  ReadBinary,
  ReadBinaryOfFile,
  ComputeDigitalSignature,
  GetChallenge,
  ...terminalCommands,
]

/** READ BINARY of `length` octets from `offset` of the current file. */
export const readBinary = (offset: number, length: number): CommandApdu =>
  ReadBinary.toApdu({ p1: offset >> 8, p2: offset & 0xff, le: length })

/** VERIFY without data, the retry query: four octets. */
export const queryTries = (file: Reference = 'current'): CommandApdu =>
  Verify.toApdu({ p2: file, data: new Uint8Array() })

/** The part of a file that READ BINARY answers: fewer octets than Le near the end, and no error. */
export function readPart(content: Uint8Array, offset: number, le: number | undefined): Uint8Array {
  if (le === undefined) throw new ApduError('READ BINARY without Le', SW.wrongLength)
  if (offset >= content.length) throw new ApduError('the offset lies outside the file', SW.wrongOffset)
  return content.slice(offset, offset + le)
}

/** '63Cx': x tries left. ISO/IEC 7816-4 §5.6, table 6. */
export const triesLeftWord = (tries: number): number => 0x63c0 | tries
