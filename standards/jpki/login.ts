/** The statement that a login signs: bound to the origin that asked and to its nonce, so that no other site can use it. docs/protocols/login.md. */
import { concat } from '@mobile-jpki/tlv'
import { longValue, utf8 } from './long-value.ts'

const label = new TextEncoder().encode('mobile-jpki/login/1')

export interface LoginStatement {
  /** Serialized origin (RFC 6454 §6.2), e.g. `https://shop.example`. */
  readonly origin: string
  readonly loginId: string
  /** 32 octets of the relying party's own. */
  readonly nonce: Uint8Array
}

/** The octets whose SHA-256 goes into COMPUTE DIGITAL SIGNATURE. */
export const loginToSign = (statement: LoginStatement): Uint8Array =>
  concat(label, longValue(utf8(statement.origin)), longValue(utf8(statement.loginId)), longValue(statement.nonce))
