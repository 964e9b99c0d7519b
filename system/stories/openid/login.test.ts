/** "Log in with JPKI" by OpenID Connect: openid-client, the phone and its SIM, the JPKI system, and no stand-in for any of them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { start as startJpkiSystem } from '@mobile-jpki/jpki-system/main'
import { answer, asked, certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import * as client from 'openid-client'
import { Browser } from '../../../actors/openid-provider/test/browser.ts'
import { anotherThan, shownOn } from '../../../actors/openid-provider/test/person.ts'
import { atPage, toldIn } from '../../../actors/openid-provider/test/service.ts'
import { download } from '../../demo/download.ts'
import { openTown, personAt, pin, revoke, type StoryTown } from '../stage/town.ts'
import { openProvider, type StoryProvider } from './test/provider.ts'

let town: StoryTown
let provider: StoryProvider
/** The JPKI system of the town goes away before the town does. */
let endJpkiSystem: () => Promise<void>

before(async () => {
  town = await openTown({
    starters: {
      jpkiSystem: async (...given) => {
        const running = await startJpkiSystem(...given)
        let closing: Promise<void> | undefined
        const close = () => (closing ??= running.close())
        endJpkiSystem = close
        return { ...running, close }
      },
    },
  })
  await download(personAt(town))
  provider = await openProvider(town)
})
after(async () => {
  await provider[Symbol.asyncDispose]()
  await town[Symbol.asyncDispose]()
})

const aBrowser = () => ({ ...provider, browser: new Browser((url) => !url.startsWith(provider.issuer)) })

/** The person reads the page, and answers in the app. */
async function answers(page: string, { pin: chosen = pin, number = shownOn(page).number } = {}) {
  const { site, loginId } = shownOn(page)
  const question = await asked(town.device, site, loginId)
  await answer(town.device, question, loginId, { number, pin: chosen })
  return question
}

async function logsIn(chosen = pin) {
  const service = aBrowser()
  const { page, checks } = await atPage(service)
  const question = await answers(page.text, { pin: chosen })
  const back = await service.browser.post(`${page.url}/finish`)
  const tokens = await client.authorizationCodeGrant(service.config, new URL(back.url), checks)
  return { claims: tokens.claims(), question, back, checks, service }
}

describe('a service that knows OpenID Connect and nothing else', () => {
  let subject: string | undefined

  it('logs a person in with her phone, who sees for whom', async () => {
    const { claims, question } = await logsIn()
    assert.deepEqual([question.origin, question.requester], [provider.issuer, 'よそのサービス'])
    assert.deepEqual([claims?.['acr'], claims?.['amr']], ['urn:mobile-jpki:acr:phone', ['hwk', 'pin']])
    subject = claims?.sub
    assert.match(subject ?? '', /^[\w-]{43}$/)
  })

  it('knows her again after her certificate was renewed', async () => {
    const before = (await certificateInSim(town.device))?.serialNumber
    await download({ ...personAt(town), pin: '2580' })
    assert.notEqual((await certificateInSim(town.device))?.serialNumber, before)
    assert.equal((await logsIn('2580')).claims?.sub, subject)
  })

  it('cannot use a code twice', async () => {
    const { back, checks, service } = await logsIn('2580')
    const again = client.authorizationCodeGrant(service.config, new URL(back.url), checks)
    await assert.rejects(again, { error: 'invalid_grant' })
  })

  it('is not sent to an address that it did not register', async () => {
    const { page } = await atPage(aBrowser(), { redirect_uri: 'http://127.0.0.1:9/callback' })
    assert.equal(page.status, 400)
    assert.match(page.text, /登録されたものと違います/)
  })
})

describe('a QR code that was stolen, or passed on', () => {
  it('logs nobody in but the browser that began, and tells that one if another number was chosen', async () => {
    const thief = aBrowser()
    const { page } = await atPage(thief)
    const { number } = shownOn(page.text)
    const chosen = { pin: '2580', number: anotherThan(number) }
    await assert.rejects(answers(page.text, chosen), { code: 'login.wrong-number' })
    const refused = await thief.browser.post(`${page.url}/finish`)
    assert.match(refused.text, /数字と違いました[\s\S]*login\.wrong-number/)
    const told = toldIn((await thief.browser.post(`${page.url}/abort`)).url)
    assert.match(told.join(), /^access_denied,login\.wrong-number: /)
  })

  it('is worth nothing in another browser, whoever answers it', async () => {
    const victim = aBrowser()
    const { page } = await atPage(victim)
    await answers(page.text, { pin: '2580' })
    assert.equal((await aBrowser().browser.post(`${page.url}/finish`)).status, 400)
    assert.match((await victim.browser.post(`${page.url}/finish`)).url, /[?&]code=/)
  })

  it('is refused by the app at another origin, before any PIN', async () => {
    const { page } = await atPage(aBrowser())
    const { site, loginId } = shownOn(page.text)
    const elsewhere = site.replace('127.0.0.1', 'localhost')
    await assert.rejects(asked(town.device, elsewhere, loginId), { code: 'login.origin-mismatch' })
  })

  it('is refused after five minutes', async () => {
    const service = aBrowser()
    const { page } = await atPage(service)
    town.clock.ahead = 301_000
    await assert.rejects(answers(page.text, { pin: '2580' }), { code: 'login.expired' })
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.match(refused.text, /受付時間が過ぎました/)
    town.clock.ahead = 0
  })
})

describe('a certificate that is not good', () => {
  const refuses = async (code: string, words: RegExp, error: string) => {
    const service = aBrowser()
    const { page } = await atPage(service)
    await assert.rejects(answers(page.text, { pin: '2580' }), { code })
    const shown = await service.browser.post(`${page.url}/finish`)
    assert.match(shown.text, words)
    const told = toldIn((await service.browser.post(`${page.url}/abort`)).url)
    assert.match(told.join(), new RegExp(`^${error},${code}: `))
  }

  it('because it was revoked, or stopped with the card: page, service and app are told', async () => {
    const { serialNumber = '' } = (await certificateInSim(town.device)) ?? {}
    await revoke(town, 'auth', serialNumber, 'certificateHold')
    await refuses('certificate.on-hold', /一時停止されています/, 'access_denied')
    await revoke(town, 'auth', serialNumber, 'keyCompromise')
    await refuses('certificate.revoked', /失効しています/, 'access_denied')
  })

  it('for all that can be known, because nobody answers: nobody is let in', async () => {
    await endJpkiSystem()
    await refuses('certificate.status-unknown', /確認できませんでした/, 'temporarily_unavailable')
  })
})
