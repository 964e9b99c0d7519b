/** A person with the app, in tests: the login protocol as the app speaks it, with a certificate of a test CA. docs/protocols/login.md. */
import { sign } from 'node:crypto'
import { type LoginStatement, loginToSign } from '@mobile-jpki/jpki'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service'
import { type Holder, rsaKey } from '@mobile-jpki/verification/test-authority'

/** What a page shows: the link that opens the app, and the number to choose there. */
export function shownOn(page: string) {
  const link = /href="([^"]*#\/login\?[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const number = /<p class="number"[^>]*>(\d\d)</.exec(page)?.[1] ?? ''
  const asked = new URLSearchParams(link.split('?')[1])
  return { site: asked.get('site') ?? '', loginId: asked.get('login') ?? '', number }
}

/** Answers what the page shows; with one thing changed, as somebody would who means harm. */
export async function answerOf(
  holder: Holder,
  { site, loginId, number }: ReturnType<typeof shownOn>,
  changes: Partial<LoginStatement> = {},
) {
  const peer = { url: site, actor: 'openid-provider', as: 'jpki-ui' } as const
  const { origin, nonce, purpose, requester, text } = await call(peer, getLogin, { loginId })
  const statement = { origin, nonce, loginId, purpose, requester, text, number, ...changes }
  const signature = new Uint8Array(sign('sha256', loginToSign(statement), rsaKey))
  const chosen = { loginId, number: statement.number, certificate: holder.der, signature }
  return { requester, ...(await call(peer, answerLogin, chosen)) }
}

export const anotherThan = (number: string): string => String((Number(number) + 1) % 100).padStart(2, '0')
