/** What the app's key on a phone signs: that this very phone asks, now, for this order, of this SP-TSM. docs/protocols/access-code.md. */
import { concat } from '@mobile-jpki/tlv'
import { longValue, utf8 } from './long-value.ts'
import { buffer, verifyP256 } from './p256.ts'

const label = new TextEncoder().encode('mobile-jpki/device/1')

export interface DeviceStatement {
  /** What is asked for: `download` (⑬), or a later event in the life of the certificate. */
  readonly purpose: string
  /** Serialized origin (RFC 6454 §6.2) of the SP-TSM that the phone is connected to. */
  readonly origin: string
  /** Empty where the app does not know it yet: the application was made elsewhere. */
  readonly orderId: string
  readonly iccid: string
  /** SP-TSM's, fresh. */
  readonly challenge: Uint8Array
}

/** The octets under the signature, ECDSA P-256 with SHA-256. */
export const deviceToSign = (statement: DeviceStatement): Uint8Array =>
  concat(
    label,
    longValue(utf8(statement.purpose)),
    longValue(utf8(statement.origin)),
    longValue(utf8(statement.orderId)),
    longValue(utf8(statement.iccid)),
    longValue(statement.challenge),
  )

/** r‖s, 64 octets. */
export async function signDevice(privateKey: CryptoKey, statement: DeviceStatement): Promise<Uint8Array> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  return new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, buffer(deviceToSign(statement))))
}

export const isSignedByDevice = (
  point: Uint8Array,
  statement: DeviceStatement,
  signature: Uint8Array,
): Promise<boolean> => verifyP256(point, deviceToSign(statement), signature)
