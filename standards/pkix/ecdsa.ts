/** The two forms of an ECDSA signature: DER in PKIX (RFC 3279 §2.2.3), plain r ‖ s on cards (BSI TR-03111 §5.2.1). */
import { DerError, integer, sequence } from '@mobile-jpki/der'

export const EcdsaSigValue = sequence({ r: integer, s: integer })

/** r ‖ s, each as long as the order of P-256. */
export function plainEcdsaSignature(der: Uint8Array): Uint8Array {
  const { r, s } = EcdsaSigValue.decode(der)
  return Uint8Array.fromHex(half(r) + half(s))
}

/** The DER form of r ‖ s. */
export function derEcdsaSignature(plain: Uint8Array): Uint8Array {
  if (plain.length !== 64) throw new DerError('is not as long as two numbers below the order of P-256', 'signature')
  const number = (octets: Uint8Array) => BigInt(`0x${octets.toHex()}`)
  return EcdsaSigValue.encode({ r: number(plain.subarray(0, 32)), s: number(plain.subarray(32)) })
}

function half(value: bigint): string {
  const hex = value.toString(16).padStart(64, '0')
  if (value <= 0n || hex.length > 64) throw new DerError('is not a number below the order of P-256', 'signature')
  return hex
}
