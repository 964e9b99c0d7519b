/** CIBA, poll: a service asks for a person whom it knows, without her browser. CIBA Core 1.0. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import * as client from 'openid-client'
import { acr } from '../contract.ts'
import { type House, openHouse, type Service } from './house.ts'
import { anotherThan, answerOf } from './person.ts'
import { loggedIn } from './service.ts'

let house: House
let service: Service
let phone: Holder
let subject = ''
before(async () => {
  house = await openHouse()
  service = await house.serviceOf('notebook')
  phone = await house.authority.issue('phoneAuth')
  subject = (await loggedIn(service, phone)).claims.sub
})
after(() => house.close())

const told = (error: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof client.ResponseBodyError)
  assert.equal(thrown.error, error)
  return true
}

const ask = (hint: Readonly<Record<string, string>> = { login_hint: subject }) =>
  client.initiateBackchannelAuthentication(service.config, { scope: 'openid', ...hint })

type Asked = Awaited<ReturnType<typeof ask>>

/** What the service brings to her phone, as a link or a QR code. */
const shownBy = ({ app_link: link, matching_number: number }: Asked) => {
  const asked = new URLSearchParams(String(link).split('?')[1])
  return { site: asked.get('site') ?? '', loginId: asked.get('login') ?? '', number: String(number) }
}

/** One poll, as the service makes it in its own time. */
const poll = ({ auth_req_id }: Asked) =>
  client.genericGrantRequest(service.config, 'urn:openid:params:grant-type:ciba', { auth_req_id })

describe('a service asks for a person without her browser', () => {
  it('and hears of her when she has answered on her phone, once', async () => {
    const asked = await ask()
    await assert.rejects(poll(asked), told('authorization_pending'))
    assert.equal((await answerOf(phone, shownBy(asked))).requester, 'みほんnotebook')
    const claims = (await poll(asked)).claims()
    assert.deepEqual([claims?.sub, claims?.['acr'], claims?.['amr']], [subject, acr.phone, ['hwk', 'pin']])
    await assert.rejects(poll(asked), told('invalid_grant'))
  })

  it('by an ID token as well', async () => {
    const { tokens } = await loggedIn(await house.serviceOf('notebook'), phone)
    const asked = await ask({ id_token_hint: tokens.id_token ?? '' })
    await answerOf(phone, shownBy(asked))
    assert.equal((await poll(asked)).claims()?.sub, subject)
  })

  it('and is refused when another person answers, when her number is wrong, and when her certificate is revoked', async () => {
    const neighbour = await house.authority.issue('phoneAuth')
    const first = await ask()
    await answerOf(neighbour, shownBy(first))
    await assert.rejects(poll(first), told('access_denied'))

    const second = await ask()
    const shown = shownBy(second)
    await assert.rejects(answerOf(phone, { ...shown, number: anotherThan(shown.number) }))
    await assert.rejects(poll(second), told('access_denied'))

    const third = await ask()
    const revoked = { status: 'revoked', revokedAt: new Date(), reason: 'keyCompromise' } as const
    house.authority.statuses.set(phone.serialNumber, revoked)
    await assert.rejects(answerOf(phone, shownBy(third)), { code: 'certificate.revoked' })
    await assert.rejects(poll(third), (error) => {
      assert.ok(error instanceof client.ResponseBodyError)
      assert.match(`${error.error} ${error.error_description}`, /^access_denied certificate\.revoked: /)
      return true
    })
    house.authority.statuses.clear()
  })

  it('and is refused for a subject that it does not know: one of another service, or none', async () => {
    const { claims } = await loggedIn(await house.serviceOf('shop'), phone)
    for (const login_hint of [claims.sub, phone.serialNumber, 'nobody'])
      await assert.rejects(ask({ login_hint }), told('unknown_user_id'))
    await assert.rejects(ask({ login_hint_token: subject }), told('invalid_request'))
    await assert.rejects(ask({ login_hint: subject, binding_message: 'A7' }), told('invalid_binding_message'))
  })

  it('unless it is not registered for that', async () => {
    const shop = await house.serviceOf('shop')
    const refused = client.initiateBackchannelAuthentication(shop.config, { scope: 'openid', login_hint: subject })
    await assert.rejects(refused, told('invalid_request'))
  })
})
