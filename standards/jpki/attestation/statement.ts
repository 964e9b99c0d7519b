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

/** The CASD itself puts the AID of the application that asks before what it signs: none can have it speak for another. */
export const signedByCasd = (application: Uint8Array, statement: Uint8Array): Uint8Array =>
  concat(lengthValue(application), statement)

/** The octets under an attestation's signature, and under the MAC of an applet that has no CASD. */
export const attestationToSign = (purpose: AttestedPurpose, key: Uint8Array, context: AttestedContext): Uint8Array =>
  signedByCasd(context.instanceAid, attestationStatement(purpose, key, context))
