/** Login by authorization code, as openid-client, which knows nothing of us, does it. OpenID Connect Core §3.1. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import * as client from 'openid-client'
import { acr, IdTokenClaims } from '../contract.ts'
import { begun, type House, openHouse, type Service } from './house.ts'
import { atPage, loggedIn, toldIn, withCode } from './service.ts'

let house: House
let notebook: Service
let shop: Service
let phone: Holder
before(async () => {
  house = await openHouse()
  notebook = await house.serviceOf('notebook')
  shop = await house.serviceOf('shop')
  phone = await house.authority.issue('phoneAuth')
})
after(() => house.close())

const told = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof client.ResponseBodyError)
  assert.match(`${error.error}: ${error.error_description}`, pattern)
  return true
}

describe('a service', () => {
  it('logs a person in, and knows her by a subject of its own', async () => {
    const { claims, page, tokens } = await loggedIn(notebook, phone)
    assert.match(page.text, /<svg[\s\S]*<p class="number"/)
    assert.match(IdTokenClaims.parse(claims).sub, /^[\w-]{43}$/)
    assert.deepEqual([claims['acr'], claims['amr']], [acr.phone, ['hwk', 'pin']])
    const info = await client.fetchUserInfo(notebook.config, tokens.access_token, claims.sub)
    assert.equal(info.sub, claims.sub)
  })

  it('knows her again with her card, and after a renewal; another service knows another subject', async () => {
    const [renewed, card, neighbour] = await Promise.all([
      house.authority.issue('phoneAuth'),
      house.authority.issue('auth'),
      house.authority.issue('phoneAuth'),
    ])
    for (const { serialNumber } of [renewed, card]) house.firsts.set(serialNumber, phone.serialNumber)
    const subjects = new Set<string>()
    for (const holder of [phone, renewed, card])
      subjects.add((await loggedIn(await house.serviceOf('notebook'), holder)).claims.sub)
    assert.equal(subjects.size, 1)
    subjects.add((await loggedIn(shop, phone)).claims.sub)
    subjects.add((await loggedIn(await house.serviceOf('notebook'), neighbour)).claims.sub)
    assert.equal(subjects.size, 3)
  })

  it('hears whether phone or card was used, and may insist on one of them', async () => {
    const card = await house.authority.issue('auth')
    assert.equal((await loggedIn(await house.serviceOf('notebook'), card)).claims['acr'], acr.card)
    const insisting = await house.serviceOf('notebook')
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [acr.card] } } })
    const { back } = await withCode(insisting, phone, { claims })
    assert.equal(back.status, 403)
    assert.match(back.text, /certificate\.wrong-policy/)
    const gone = await insisting.browser.post(back.url.replace('/finish', '/abort'))
    assert.match(toldIn(gone.url).join(), /^unmet_authentication_requirements,certificate\.wrong-policy: /)
  })

  it('is served by a login of the same browser for an hour, unless it asks for a new one', async () => {
    const again = await house.serviceOf('notebook')
    const first = await loggedIn(again, phone)
    const silent = await begun(again, { prompt: 'none' })
    const back = await again.browser.visit(silent.url)
    const tokens = await client.authorizationCodeGrant(again.config, new URL(back.url), silent.checks)
    assert.equal(tokens.claims()?.sub, first.claims.sub)
    const { page } = await atPage(again, { prompt: 'login' })
    assert.match(page.url, /\/interaction\//)
    const stranger = await house.serviceOf('notebook')
    const refused = await stranger.browser.visit((await begun(stranger, { prompt: 'none' })).url)
    assert.equal(toldIn(refused.url)[0], 'login_required')
  })
})

describe('a code', () => {
  it('is worth something once: replayed, it is refused with the reason, and takes its tokens with it', async () => {
    const service = await house.serviceOf('notebook')
    const { back, checks, tokens, claims } = await loggedIn(service, phone)
    const again = client.authorizationCodeGrant(service.config, new URL(back.url), checks)
    await assert.rejects(again, told(/^invalid_grant: .*already consumed/))
    await assert.rejects(client.fetchUserInfo(service.config, tokens.access_token, claims.sub))
  })

  it('is worth something once also to those who come together', async () => {
    const service = await house.serviceOf('notebook')
    const { back, checks } = await withCode(service, phone)
    const all = Array.from({ length: 5 }, () =>
      client.authorizationCodeGrant(service.config, new URL(back.url), checks),
    )
    const settled = await Promise.allSettled(all)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length <= 1, true)
    await assert.rejects(client.authorizationCodeGrant(service.config, new URL(back.url), checks))
  })

  it('is of no use without the verifier of whoever asked for it, nor to another service', async () => {
    const service = await house.serviceOf('notebook')
    const first = await withCode(service, phone)
    const other = { ...first.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }
    const stolen = client.authorizationCodeGrant(service.config, new URL(first.back.url), other)
    await assert.rejects(stolen, told(/^invalid_grant/))
    const second = await withCode(await house.serviceOf('notebook'), phone)
    const code = new URL(second.back.url).searchParams.get('code') ?? ''
    const url = new URL(`${shop.callback}?${new URLSearchParams({ code, iss: house.issuer })}`)
    const { expectedState: _state, ...checks } = second.checks
    await assert.rejects(
      client.authorizationCodeGrant(shop.config, url, checks),
      told(/^invalid_grant: .*client mismatch/),
    )
  })
})

describe('a request is refused, and told why', () => {
  const shown = async (more: Readonly<Record<string, string>>, pattern: RegExp) => {
    const service = await house.serviceOf('notebook')
    const { page } = await atPage(service, more)
    assert.equal(page.status, 400)
    assert.match(page.text, pattern)
  }
  const sentBack = async (more: Readonly<Record<string, string>>, pattern: RegExp) => {
    const service = await house.serviceOf('notebook')
    const { page } = await atPage(service, more)
    assert.match(toldIn(page.url).join(': '), pattern)
  }

  it('on a page, when it leads to another address than the registered ones', () =>
    shown({ redirect_uri: 'https://evil.example/callback' }, /登録されたものと違います[\s\S]*invalid_redirect_uri/))
  it('on a page, when nobody knows the service', () => shown({ client_id: 'nobody' }, /invalid_client/))
  it('at the service, when it has no code challenge, or one in clear', async () => {
    await sentBack({ code_challenge: '', code_challenge_method: '' }, /^invalid_request: .*PKCE/)
    await sentBack({ code_challenge_method: 'plain' }, /^invalid_request: .*code_challenge_method/)
  })
  it('at the service, when it asks for more than there is', () =>
    sentBack({ response_type: 'none' }, /^unsupported_response_type/))
})

describe('a service proves who it is', () => {
  it('by a key: with another one it gets nothing', async () => {
    const service = await house.serviceOf('notebook')
    const { back, checks } = await withCode(service, phone)
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const other = await client.discovery(
      new URL(house.issuer),
      'notebook',
      undefined,
      client.PrivateKeyJwt(privateKey),
      {
        execute: [client.allowInsecureRequests],
      },
    )
    await assert.rejects(client.authorizationCodeGrant(other, new URL(back.url), checks), told(/^invalid_client: /))
  })

  it('once by each assertion', async () => {
    const service = await house.serviceOf('notebook')
    const { back, checks } = await withCode(service, phone)
    let kept: string | undefined
    const { [client.customFetch]: usual = fetch } = service.config
    service.config[client.customFetch] = async (url, options) => {
      const body = new URLSearchParams(String(options.body))
      const assertion = body.get('client_assertion')
      if (assertion !== null) {
        if (kept !== undefined) body.set('client_assertion', kept)
        kept = assertion
      }
      return (usual as typeof fetch)(url, { ...(options as RequestInit), body })
    }
    await client.authorizationCodeGrant(service.config, new URL(back.url), checks)
    const second = await withCode(service, phone, { prompt: 'login' })
    const again = client.authorizationCodeGrant(service.config, new URL(second.back.url), second.checks)
    await assert.rejects(again, told(/^invalid_client: /))
  })
})
