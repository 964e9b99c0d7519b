/** The person's app and phone, for the tests of whoever asks for logins: a key, its certificate, and what is signed. docs/protocols/login.md. */
import { sign } from 'node:crypto'
import { type LoginStatement, loginToSign } from '@mobile-jpki/jpki'
import { call, type Peer } from '@mobile-jpki/service/call'
import { type Holder, rsaKey } from '@mobile-jpki/verification/test-authority'
import { answerLogin, getLogin } from '../contract.ts'

export const signatureOf = (statement: LoginStatement) => new Uint8Array(sign('sha256', loginToSign(statement), rsaKey))

export interface Begun {
  readonly loginId: string
  readonly number: string
}
export type Changes = Partial<LoginStatement> & { readonly by?: Holder; readonly certificate?: Uint8Array }

/** The app's part, with one thing changed. */
export async function answered(
  peer: Peer,
  { loginId, number }: Begun,
  by: Holder,
  { certificate = by.der, ...changes }: Changes = {},
) {
  const { origin, nonce, purpose, requester, text } = await call(peer, getLogin, { loginId })
  const signature = signatureOf({ origin, nonce, loginId, purpose, requester, text, number, ...changes })
  return call(peer, answerLogin, { loginId, number: changes.number ?? number, certificate, signature })
}
