/** Login by authorization code, as openid-client, which knows nothing of us, does it. OpenID Connect Core §3.1. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as client from 'openid-client'
import { acr } from '../contract.ts'
import { begun, openHouse, type Service } from './house.ts'

let house: Awaited<ReturnType<typeof openHouse>>
let notebook: Service
before(async () => {
  house = await openHouse()
  notebook = await house.serviceOf('notebook')
})
after(() => house.close())

const lastAsked = () => {
  const last = house.her.asked.at(-1)
  assert.ok(last)
  return last
}

/** From the service to the hand-over page, answered, and back. */
async function loggedIn(service: Service, serialNumber: string, more?: Readonly<Record<string, string>>) {
  const { url, checks } = await begun(service, more)
  const page = await service.browser.visit(url)
  assert.equal(page.status, 200, page.text)
  house.her.answer(lastAsked().login.loginId, serialNumber)
  const back = await service.browser.post(`${page.url}/finish`)
  const tokens = await client.authorizationCodeGrant(service.config, new URL(back.url), checks)
  const claims = tokens.claims()
  assert.ok(claims)
  return { claims, tokens, back, checks, page }
}

describe('a service', () => {
  it('logs a person in, and knows her by a subject of its own', async () => {
    const { claims, page, tokens } = await loggedIn(notebook, '4f01')
    assert.match(page.text, /<svg[\s\S]*<p class="number"[^>]*>42</)
    assert.equal(lastAsked().requester, 'みほんnotebook')
    assert.match(claims.sub, /^[\w-]{43}$/)
    assert.deepEqual([claims['acr'], claims['amr']], [acr.phone, ['hwk', 'pin']])
    assert.ok(Math.abs(Number(claims['auth_time']) - Date.now() / 1000) < 60)
    const info = await client.fetchUserInfo(notebook.config, tokens.access_token, claims.sub)
    assert.equal(info.sub, claims.sub)
  })
})
