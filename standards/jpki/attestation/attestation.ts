/** An attestation is a CASD's (GPCS Amendment A §3) or a voucher; which of them counts is a property of the SIM type. docs/protocols/personalization.md. */
import { type Codec, TlvError } from '@mobile-jpki/tlv'
import { CasdAttestation, type CasdFlaw, type CasdTrust, flawOfCasdAttestation } from './casd.ts'
import type { AttestedContext, AttestedPurpose } from './statement.ts'
import { flawOfVoucher, Voucher, type VoucherFlaw } from './voucher.ts'

export type Attestation = CasdAttestation | Voucher

/** Who speaks for keys of the applet in a SIM: its CASD, or SP-TSM by voucher where there is none. */
export const attesters = ['casd', 'voucher'] as const
export type Attester = (typeof attesters)[number]

export const attesterOf = (attestation: Attestation): Attester => ('certificate' in attestation ? 'casd' : 'voucher')

export const Attestation: Codec<Attestation> = {
  encode: (one) => ('certificate' in one ? CasdAttestation.encode(one) : Voucher.encode(one)),
  decode: (octets) => (octets[0] === 0x73 ? Voucher : CasdAttestation).decode(octets),
}

/** undefined for octets that are no attestation. */
export function attestationIn(octets: Uint8Array): Attestation | undefined {
  try {
    return Attestation.decode(octets)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

/** Whom a checker believes. A SIM with a CASD is never believed on a voucher: whoever checks knows beforehand which it is. */
export type AttestationTrust =
  | ({ readonly attestedBy: 'casd' } & CasdTrust)
  | { readonly attestedBy: 'voucher'; readonly voucherKeys: readonly Uint8Array[] }

/** `attester`: the attestation is of the other kind than this SIM's. */
export type AttestationFlaw = 'attester' | CasdFlaw | VoucherFlaw

/** undefined means that it holds; `at` is the moment of the check. */
export async function flawOfAttestation(
  attestation: Attestation,
  purpose: AttestedPurpose,
  context: AttestedContext,
  trust: AttestationTrust,
  at: Date,
): Promise<AttestationFlaw | undefined> {
  if ('certificate' in attestation)
    return trust.attestedBy === 'casd' ? flawOfCasdAttestation(attestation, purpose, context, trust, at) : 'attester'
  return trust.attestedBy === 'voucher' ? flawOfVoucher(attestation, purpose, context, trust.voucherKeys) : 'attester'
}
