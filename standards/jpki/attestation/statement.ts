/**
 * What is attested of a key of the JPKI applet: its purpose, application, SIM and order. docs/protocols/personalization.md.
 * Whoever vouches (the CASD of GPCS Amendment A §3, or SP-TSM where a SIM has none) signs this very statement.
 */
import { concat } from '@mobile-jpki/tlv'
import { lengthValue } from '../envelope.ts'

export const attestedPurposes = { envelopeKey: 0x02, userAuthenticationKey: 0x03, deletion: 0x31 } as const
export type AttestedPurpose = keyof typeof attestedPurposes

export interface AttestedContext {
  readonly instanceAid: Uint8Array
  readonly iccid: Uint8Array
  readonly orderId: string
}

const label = new TextEncoder().encode('mobile-jpki/attestation/1')

/** What the applet has the CASD sign. `key` is a point, or modulus ‖ exponent LVs of two-octet length, or empty. */
export const attestationStatement = (
  purpose: AttestedPurpose,
  key: Uint8Array,
  { iccid, orderId }: Omit<AttestedContext, 'instanceAid'>,
): Uint8Array =>
  concat(
    label,
    Uint8Array.of(attestedPurposes[purpose]),
    lengthValue(iccid),
    lengthValue(new TextEncoder().encode(orderId)),
    Uint8Array.of(key.length >> 8, key.length & 0xff),
    key,
  )

/**
 * The CASD itself puts before what it signs the AID of the application that asks, and the SHA-256 of the load file data block that it
 * was installed from: none can have it speak for another, nor for a program of its own under the same name.
 */
export const signedByCasd = (application: Uint8Array, loadFileHash: Uint8Array, statement: Uint8Array): Uint8Array =>
  concat(lengthValue(application), lengthValue(loadFileHash), statement)

/** The octets under the signature of a CASD. */
export const casdAttestationToSign = (
  purpose: AttestedPurpose,
  key: Uint8Array,
  context: AttestedContext,
  loadFileHash: Uint8Array,
): Uint8Array => signedByCasd(context.instanceAid, loadFileHash, attestationStatement(purpose, key, context))

/** The octets under the MAC of an applet that has no CASD, of which nobody knows which program it is; and in a voucher. */
export const vouchedStatement = (application: Uint8Array, statement: Uint8Array): Uint8Array =>
  concat(lengthValue(application), statement)

export const vouchedToSign = (purpose: AttestedPurpose, key: Uint8Array, context: AttestedContext): Uint8Array =>
  vouchedStatement(context.instanceAid, attestationStatement(purpose, key, context))
