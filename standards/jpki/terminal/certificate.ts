/**
 * Who may ask a card for a signature without PIN: the certificate of a terminal, card-verifiable in the shape of GPCS Amendment F
 * Table 6-12 and BSI TR-03110-3 Appendix C.1. Its contents are ours: docs/protocols/pin-less.md.
 */
import {
  ascii,
  type Bounds,
  type Codec,
  octets,
  oneOf,
  required,
  TlvError,
  type TypeOf,
  template,
  tlv,
} from '@mobile-jpki/tlv'
import { CardPublicKey, cardDate, cardDateOf } from '../attestation/casd.ts'
import { verifyP256 } from '../p256.ts'

const CaIdentifier = octets({ min: 1, max: 12 })
const institution = { min: 1, max: 24 }
const terminalId = { min: 1, max: 16 }
export const InstitutionId = ascii(institution)
export const TerminalId = ascii(terminalId)

/** 'withPin' names the terminal in what is signed; 'pinLess' may ask for one signature without PIN as well. */
export const terminalRoles = { withPin: 0x00, pinLess: 0x01 } as const
export type TerminalRole = keyof typeof terminalRoles

/** Every data object before the signature; `Name`, `Role` and `Day` as the reader wants them. */
const statementOf = <Name, Role, Day>(name: (bounds: Bounds) => Codec<Name>, role: Codec<Role>, day: Codec<Day>) => ({
  serialNumber: required(0x93, octets(8)),
  caIdentifier: required(0x42, CaIdentifier),
  institution: required(0x80, name(institution)),
  terminalId: required(0x5f20, name(terminalId)),
  role: required(0x5f4c, role),
  effectiveDate: required(0x5f25, day),
  expirationDate: required(0x5f24, day),
  publicKey: required(0x7f49, CardPublicKey),
})
const signature = required(0x5f37, octets(64))

const statement = statementOf(ascii, oneOf(terminalRoles), cardDate)
const Statement = template(statement)
export type TerminalStatementFields = TypeOf<typeof Statement>

/** 231 octets at most: it fits into a short command. */
export const TerminalCertificate = tlv(0x7f21, template({ ...statement, signature }))
export type TerminalCertificate = TypeOf<typeof TerminalCertificate>

/** The octets that the terminal CA signs: every data object before the signature, as encoded. */
export const terminalCertificateToSign = (fields: TerminalStatementFields): Uint8Array => Statement.encode(fields)

/** A card compares octets and prints nothing: days are BCD, whose order is theirs. */
const statementInCard = statementOf(octets, octets(1), octets(4))
const StatementInCard = template(statementInCard)
export const TerminalCertificateInCard = tlv(0x7f21, template({ ...statementInCard, signature }))
export const terminalCertificateToSignInCard = (fields: TypeOf<typeof StatementInCard>): Uint8Array =>
  StatementInCard.encode(fields)

const trust = {
  caIdentifier: required(0x42, CaIdentifier),
  publicKey: required(0x7f49, CardPublicKey),
  /** YYYYMMDD in BCD. The card has no clock: this is the latest day of which it has a CA's word. BSI TR-03110-3 §2.5 ("current date"). */
  day: required(0x5f25, octets(4)),
}

/** The terminal CA that a card is to trust, DGI '0E01'. */
export const TerminalTrust = template(trust)
export type TerminalTrust = TypeOf<typeof TerminalTrust>

/** EF '0016' of the JPKI application in a phone: whom it trusts, and '01' where the person switched PIN-less use on. */
export const PinLessFile = template({ ...trust, switchedOn: required(0x80, octets(1)) })
export type PinLessFile = TypeOf<typeof PinLessFile>

export type TerminalFlaw = 'format' | 'authority' | 'validity' | 'role'

/** A terminal CA as those who verify know it. */
export interface TerminalAuthority {
  readonly caIdentifier: Uint8Array
  readonly point: Uint8Array
}

export const terminalCertificateIn = (certificate: Uint8Array): TerminalCertificate | undefined => {
  try {
    return TerminalCertificate.decode(certificate)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

/** Undefined where the certificate is one of `authorities`, good on that day, and for PIN-less use. Whether it was revoked says the list. */
export async function flawOfTerminalCertificate(
  certificate: Uint8Array,
  authorities: readonly TerminalAuthority[],
  at: Date,
): Promise<TerminalFlaw | undefined> {
  const decoded = terminalCertificateIn(certificate)
  if (decoded === undefined) return 'format'
  const { signature, ...fields } = decoded
  const signed = terminalCertificateToSign(fields)
  const named = authorities.filter(({ caIdentifier }) => caIdentifier.toHex() === fields.caIdentifier.toHex())
  const anchored = await Promise.all(named.map(({ point }) => verifyP256(point, signed, signature)))
  if (!anchored.includes(true)) return 'authority'
  const today = cardDateOf(at)
  if (today < fields.effectiveDate || today > fields.expirationDate) return 'validity'
  return fields.role === 'pinLess' ? undefined : 'role'
}
