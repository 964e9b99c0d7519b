/**
 * What is signed at a terminal, by whom: docs/protocols/pin-less.md. Challenge and answer are as in ISO/IEC 7816-4:2020 §11.5.4 and
 * BSI TR-03110-3 §2.4.2 (terminal authentication).
 */
import { concat } from '@mobile-jpki/tlv'
import { longValue, utf8 } from '../long-value.ts'

const label = (name: string) => new TextEncoder().encode(`mobile-jpki/${name}/1`)

/** Octets of the card's challenge that count. */
export const terminalChallengeLength = 32

/** What a terminal wants the person's key to sign: it names the terminal, so that the signature is of no use elsewhere. */
export interface TerminalStatement {
  readonly institution: string
  readonly terminalId: string
  /** 32 octets of the terminal's own. */
  readonly nonce: Uint8Array
  /** What it is for, as the terminal shows it: `資格確認`, `¥1,280 みほん商店`. */
  readonly text: string
}

/** With PIN, these octets are signed as they stand; without, their SHA-256 goes into the two below. */
export const terminalToSign = ({ institution, terminalId, nonce, text }: TerminalStatement): Uint8Array =>
  concat(
    label('terminal'),
    longValue(utf8(institution)),
    longValue(utf8(terminalId)),
    longValue(nonce),
    longValue(utf8(text)),
  )

/** EXTERNAL AUTHENTICATE: what the terminal's key signs. The card then signs for this statement and for no other. */
export const terminalAuthenticationToSign = (challenge: Uint8Array, statementDigest: Uint8Array): Uint8Array =>
  concat(label('terminal-authentication'), challenge, statementDigest)

/** What the card signs without PIN. It puts the terminal's certificate in itself: no terminal can have it sign anything else. */
export const pinLessToSign = (terminalCertificateDigest: Uint8Array, statementDigest: Uint8Array): Uint8Array =>
  concat(label('pin-less'), terminalCertificateDigest, statementDigest)

/** A terminal that wants its certificate for the days to come: by the key that it was enrolled with. */
export const terminalRenewalToSign = (terminalId: string, madeAt: Date): Uint8Array =>
  concat(label('terminal-renewal'), longValue(utf8(terminalId)), longValue(utf8(madeAt.toISOString())))
