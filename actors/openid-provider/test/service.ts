/** What a service and its person do together in a login, in tests. */
import assert from 'node:assert/strict'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import * as client from 'openid-client'
import { begun, type Service } from './house.ts'
import { answerOf, shownOn } from './person.ts'

/** From the service to the hand-over page. */
export async function atPage(service: Service, more?: Readonly<Record<string, string>>) {
  const { url, checks } = await begun(service, more)
  const page = await service.browser.visit(url)
  return { page, checks }
}

/** From the service to the hand-over page, answered by a holder of a certificate, and back with a code. */
export async function withCode(service: Service, holder: Holder, more?: Readonly<Record<string, string>>) {
  const { page, checks } = await atPage(service, more)
  assert.equal(page.status, 200, page.text)
  await answerOf(holder, shownOn(page.text))
  const back = await service.browser.post(`${page.url}/finish`)
  return { page, checks, back }
}

export async function loggedIn(service: Service, holder: Holder, more?: Readonly<Record<string, string>>) {
  const { page, checks, back } = await withCode(service, holder, more)
  const tokens = await client.authorizationCodeGrant(service.config, new URL(back.url), checks)
  const claims = tokens.claims()
  assert.ok(claims)
  return { page, checks, back, tokens, claims }
}

/** As the service hears it: `error` and `error_description` in its callback, or in the answer of an endpoint. */
export const toldIn = (url: string) => {
  const { searchParams } = new URL(url)
  return [searchParams.get('error'), searchParams.get('error_description')] as const
}
