/** A terminal and its CA, for this house's tests. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  AppletConfiguration,
  cardDate,
  pinLessToSign,
  TerminalAnswer,
  TerminalCertificate,
  type TerminalStatementFields,
  terminalAuthenticationToSign,
  terminalCertificateToSign,
} from '@mobile-jpki/jpki'

import type { TestCard } from './card.ts'
import { ec, pointOf, signP256 } from './keys.ts'
import { readyCard, send } from './tsm.ts'

const ca = ec()
const terminal = ec()
const stranger = ec()
export const caIdentifier = new TextEncoder().encode('JPKI-T1')
const p256 = Uint8Array.of(0)

export const sha256 = (octets: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(octets).digest())
const statementDigest = sha256(new TextEncoder().encode('what the terminal asks for'))

/** DGI 0E01 of a SIM type that allows it. */
export const allowed = (today = '20261122', point = pointOf(ca.publicKey)): Uint8Array =>
  AppletConfiguration.encode({
    certificateNeedsPin: Uint8Array.of(0),
    pinLessAllowed: Uint8Array.of(1),
    contactlessAllowed: Uint8Array.of(1),
    terminalTrust: { caIdentifier, publicKey: { point, parameters: p256 }, day: cardDate.encode(today) },
  })

export function certified(
  given: Partial<TerminalStatementFields> = {},
  { signedBy = ca }: { readonly signedBy?: ReturnType<typeof ec> } = {},
): Uint8Array {
  const fields = {
    serialNumber: new Uint8Array(8),
    caIdentifier,
    institution: 'insurance',
    terminalId: 'counter-1',
    role: 'pinLess',
    effectiveDate: '20261122',
    expirationDate: '20261128',
    publicKey: { point: pointOf(terminal.publicKey), parameters: p256 },
    ...given,
  } as const satisfies TerminalStatementFields
  return TerminalCertificate.encode({
    ...fields,
    signature: signP256(signedBy.privateKey, terminalCertificateToSign(fields)),
  })
}
export const ownCertificate = certified()
export const byStranger = (): Uint8Array => certified({}, { signedBy: stranger })

const hex = (octets: Uint8Array): string => octets.length.toString(16).padStart(2, '0') + octets.toHex()

export const setPublicKey = (card: TestCard, certificate = ownCertificate): string =>
  card.command(`80A20096${hex(certificate)}`)
export const getChallenge = (card: TestCard): Uint8Array => Uint8Array.fromHex(card.command('0084000020').slice(0, -4))
export const authenticate = (card: TestCard, challenge: Uint8Array, digest = statementDigest): string => {
  const signature = signP256(terminal.privateKey, terminalAuthenticationToSign(challenge, digest))
  return card.command(`00820096${hex(TerminalAnswer.encode({ statementDigest: digest, signature }))}`)
}
export const sign = (card: TestCard): string => card.command('802A809700')
export const switchTo = (card: TestCard, on: boolean): string => card.command(`80A8${on ? '01' : '00'}96`)
export const verifyPin = (card: TestCard): string => card.command('002000980431323334')

/** What the card's signature covers. */
export const covered = (certificate = ownCertificate): Uint8Array => pinLessToSign(sha256(certificate), statementDigest)

/** Delivered in a SIM that allows it, and switched on by the person. */
export async function willingCard(): Promise<TestCard> {
  const card = await readyCard()
  assert.equal(send(card, 'configuration', allowed()).sw, '9000')
  assert.equal(verifyPin(card), '9000')
  assert.equal(switchTo(card, true), '9000')
  card.deselect()
  return card
}
