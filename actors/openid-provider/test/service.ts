/** What a service and its person do together in a login, in tests. */
import assert from 'node:assert/strict'
import * as client from 'openid-client'
import type { Acr } from '../contract.ts'
import { begun, type House, type Service } from './house.ts'

export function lastAsked({ her }: House) {
  const last = her.asked.at(-1)
  assert.ok(last, 'a login was begun')
  return last
}

/** From the service to the hand-over page. */
export async function atPage(service: Service, more?: Readonly<Record<string, string>>) {
  const { url, checks } = await begun(service, more)
  const page = await service.browser.visit(url)
  return { page, checks }
}

/** From the service to the hand-over page, answered, and back with a code. */
export async function withCode(
  house: House,
  service: Service,
  { as = '4f01', by, more }: { as?: string; by?: Acr; more?: Readonly<Record<string, string>> } = {},
) {
  const { page, checks } = await atPage(service, more)
  assert.equal(page.status, 200, page.text)
  house.her.answer(lastAsked(house).login.loginId, as, by)
  const back = await service.browser.post(`${page.url}/finish`)
  return { page, checks, back }
}

export async function loggedIn(house: House, service: Service, how?: Parameters<typeof withCode>[2]) {
  const { page, checks, back } = await withCode(house, service, how)
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
