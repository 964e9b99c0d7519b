/** Logging out: at the provider, and by it at every service. OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { begun, type House, openHouse, type Service } from './house.ts'
import { answerOf, shownOn } from './person.ts'
import { atPage, loggedIn, toldIn } from './service.ts'

let house: House
let service: Service
let phone: Holder
before(async () => {
  house = await openHouse()
  phone = await house.authority.issue('phoneAuth')
})
after(() => house.close())

/** The form of the page, as its button sends it. */
async function pressed(
  { browser }: Service,
  page: { url: string; text: string },
  button: Readonly<Record<string, string>>,
) {
  const action = /<form[^>]+action="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return browser.visit(action, { method: 'POST', headers, body: String(new URLSearchParams({ xsrf, ...button })) })
}

const needsLogin = async (one: Service) =>
  toldIn((await one.browser.visit((await begun(one, { prompt: 'none' })).url)).url)[0] === 'login_required'

describe('logging out', () => {
  it('asks the person, ends the session, and tells the service by a token that the provider signed', async () => {
    service = await house.serviceOf('notebook')
    const { tokens, claims } = await loggedIn(service, phone)
    const url = client.buildEndSessionUrl(service.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: service.callback.replace('/callback', '/'),
    })
    const page = await service.browser.visit(url.href)
    assert.match(page.text, /ログアウトしますか/)
    const stayed = await pressed(service, page, {})
    assert.match(stayed.url, /\/\?|\/$/)
    assert.equal(await needsLogin(service), false)

    const heard = house.published.nextLogout()
    const gone = await pressed(service, await service.browser.visit(url.href), { logout: 'yes' })
    assert.ok(gone.url.startsWith(service.callback.replace('/callback', '/')))
    const keys = createRemoteJWKSet(new URL(`${house.issuer}/oidc/jwks`))
    const { payload, protectedHeader } = await jwtVerify(await heard, keys, {
      issuer: house.issuer,
      audience: 'notebook',
    })
    assert.deepEqual([payload.sub, protectedHeader.typ], [claims.sub, 'logout+jwt'])
    assert.deepEqual(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
    assert.equal(await needsLogin(service), true)
  })

  it('to another address than the registered ones is refused', async () => {
    const { tokens } = await loggedIn(service, phone)
    const parameters = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: 'https://evil.example/' }
    const page = await service.browser.visit(client.buildEndSessionUrl(service.config, parameters).href)
    assert.equal(page.status, 400)
    assert.match(page.text, /post_logout_redirect_uri not registered/)
  })

  it('happens by itself when another person logs in at the same browser: the one before is out everywhere', async () => {
    const browser = await house.serviceOf('notebook')
    await loggedIn(browser, phone)
    const { page } = await atPage(browser, { prompt: 'login' })
    const neighbour = await house.authority.issue('auth')
    await answerOf(neighbour, shownOn(page.text))
    const heard = house.published.nextLogout()
    const switching = await browser.browser.post(`${page.url}/finish`)
    const back = await pressed(browser, switching, { logout: 'yes' })
    assert.match(back.url, /[?&]code=/, `${switching.text} ${back.text}`)
    assert.ok(await heard)
  })
})
