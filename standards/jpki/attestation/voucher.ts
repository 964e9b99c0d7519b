/**
 * A SIM without CASD cannot attest a key by itself (GPCS Amendment A §3 is optional). SP-TSM sends the applet a fresh key inside its
 * secure channel's C-DECRYPTION; the applet answers with an HMAC-SHA-256 (RFC 2104) over the very statement that a CASD would sign; and
 * SP-TSM signs that statement: a voucher. docs/protocols/personalization.md.
 */
import { concat, octets, required, secret, type TypeOf, template, tlv } from '@mobile-jpki/tlv'
import { buffer, verifyP256 } from '../p256.ts'
import { type AttestedContext, type AttestedPurpose, vouchedToSign } from './statement.ts'

/** A key made on card is certified on the SIM's own word alone. */
export type VouchedPurpose = Exclude<AttestedPurpose, 'userAuthenticationKey'>

export const vouchingKeyLength = 32

/** Content of DGI '0E02' and '0E31' for an applet without CASD. The key is for this one answer and kept by nobody. */
export const VouchedRequest = template({
  orderId: required(0x80, octets({ min: 1, max: 64 })),
  vouchingKey: required(0x81, secret(octets(vouchingKeyLength))),
})
export type VouchedRequest = TypeOf<typeof VouchedRequest>

/** The answer: the key, and the applet's MAC over `vouchedToSign` under the vouching key. */
export const VouchedAnswer = tlv(
  0x72,
  template({ publicKey: required(0x86, octets({ max: 65 })), mac: required(0x8e, octets(32)) }),
)
export type VouchedAnswer = TypeOf<typeof VouchedAnswer>

/** SP-TSM's word for it, in the place of a CASD's. */
export const Voucher = tlv(
  0x73,
  template({ publicKey: required(0x86, octets({ max: 65 })), signature: required(0x9e, octets(64)) }),
)
export type Voucher = TypeOf<typeof Voucher>

/** In constant time. */
export async function isVouchedByApplet(
  { publicKey, mac }: VouchedAnswer,
  vouchingKey: Uint8Array,
  purpose: VouchedPurpose,
  context: AttestedContext,
): Promise<boolean> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', buffer(vouchingKey), hmac, false, ['verify'])
  return crypto.subtle.verify('HMAC', key, buffer(mac), buffer(vouchedToSign(purpose, publicKey, context)))
}

/** The octets under a voucher's signature, ECDSA P-256 with SHA-256. */
export const voucherToSign = (purpose: VouchedPurpose, key: Uint8Array, context: AttestedContext): Uint8Array =>
  concat(new TextEncoder().encode('mobile-jpki/voucher/1'), vouchedToSign(purpose, key, context))

export type VoucherFlaw = 'usage' | 'signature'

/** `points` are the voucher keys of the SP-TSM that is believed. */
export async function flawOfVoucher(
  { publicKey, signature }: Voucher,
  purpose: AttestedPurpose,
  context: AttestedContext,
  points: readonly Uint8Array[],
): Promise<VoucherFlaw | undefined> {
  if (purpose === 'userAuthenticationKey') return 'usage'
  const signed = voucherToSign(purpose, publicKey, context)
  const verified = await Promise.all(points.map((point) => verifyP256(point, signed, signature)))
  return verified.includes(true) ? undefined : 'signature'
}
