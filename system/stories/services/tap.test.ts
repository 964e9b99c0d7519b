/** Held against a terminal: reception of a clinic and till of a shop, with PIN and without, with phone and card; and every no on the page. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { revokeTerminal } from '@mobile-jpki/jpki-system/contract'
import { certificateInSim, switchPinLess } from '@mobile-jpki/jpki-ui/domain'
import { call } from '@mobile-jpki/service'
import { type Shown, textOf } from '@mobile-jpki/services/test-visitor'
import { download } from '../../demo/download.ts'
import { hanako } from '../../town/people.ts'
import { asActor, personAt, pin, revoke } from '../stage/town.ts'
import { openStreet, type Street } from './street.ts'

let street: Street & AsyncDisposable
before(async () => {
  street = await openStreet()
})
after(() => street[Symbol.asyncDispose]())

const post = (service: 'insurance' | 'payment', path: string, form: Record<string, string | number> = {}) =>
  street.visitor.post(`${street.town.places[service]}${path}`, form)
const get = (service: 'insurance' | 'payment', path: string) =>
  street.visitor.get(`${street.town.places[service]}${path}`)
const serialInSim = async () => (await certificateInSim(street.town.device))?.serialNumber
const isRefused = (shown: Shown, code: string) => assert.match(shown.text, new RegExp(`<code>${code}</code>`))
const insured = { insurer: '06139463', number: '12-345', branch: '01', share: 3 }

describe('the reception of a clinic', () => {
  it('waits for a phone, and says when none is there', async () => {
    assert.match((await get('insurance', '/check')).text, /かざしてください/)
    assert.equal((await get('insurance', '/wait')).text, '{"waiting":true}')
    isRefused(await post('insurance', '/check'), 'card.absent')
    await street.phoneAt('insurance')
    assert.equal((await get('insurance', '/wait')).text, '{"waiting":false}')
  })

  it('reads no phone without PIN whose person has not allowed it', async () => {
    isRefused(await post('insurance', '/check'), 'pin-less.off')
  })

  it('registers once, with the PIN', async () => {
    isRefused(await post('insurance', '/register', { ...insured, insurer: '123', pin }), 'form.incomplete')
    const wrong = await post('insurance', '/register', { ...insured, pin: '0000' })
    isRefused(wrong, 'pin.wrong')
    assert.match(wrong.text, /あと2回入力できます/)
    isRefused(await post('insurance', '/register', { ...insured, pin: 'ab' }), 'pin.malformed')
    const registered = await post('insurance', '/register', { ...insured, pin })
    assert.match(registered.text, /資格があります.*負担割合 3割.*06139463.*スマートフォン.*はじめて/s)
    assert.equal(textOf(registered, 'serial'), await serialInSim())
  })

  it('checks from then on by a tap alone, once the person has switched it on', async () => {
    await switchPinLess(street.town.device, true, pin, street.town.now())
    const checked = await post('insurance', '/check')
    assert.match(checked.text, /資格があります.*負担割合 3割/s)
    assert.doesNotMatch(checked.text, /はじめて</)
  })

  it('knows the same person by the My Number card', async () => {
    await street.phoneAt('hand')
    await street.cardAt('insurance')
    isRefused(await post('insurance', '/check'), 'pin-less.unavailable')
    const again = await post('insurance', '/register', { ...insured, share: 1, pin: hanako.card.authPin })
    assert.match(again.text, /負担割合 1割.*マイナンバーカード/s)
    assert.doesNotMatch(again.text, /はじめて</)
    await street.cardAt('phone')
  })
})

describe('the till of a shop', () => {
  it('takes members alone, who join with the PIN', async () => {
    await street.phoneAt('payment')
    isRefused(await post('payment', '/pay', { amount: 500 }), 'member.unknown')
    assert.match((await post('payment', '/join', { pin })).text, /入会しました/)
  })

  it('takes a small amount by a tap', async () => {
    assert.match((await get('payment', '/pay?amount=500')).text, /暗証番号は要りません/)
    const paid = await post('payment', '/pay', { amount: 500 })
    assert.match(paid.text, /支払いました.*500円.*99,500円/s)
    assert.equal(paid.url, `${street.town.places.payment}/receipt`)
    assert.match((await street.visitor.get(paid.url)).text, /99,500円/, 'loaded anew, it is not paid again')
  })

  it('takes a larger one with the PIN', async () => {
    assert.match((await get('payment', '/pay?amount=10000')).text, /name="pin"/)
    isRefused(await post('payment', '/pay', { amount: 10_000 }), 'pin.malformed')
    isRefused(await post('payment', '/pay', { amount: 10_000, pin: '9999' }), 'pin.wrong')
    assert.match((await post('payment', '/pay', { amount: 10_000, pin })).text, /89,500円/)
  })

  it('takes no more than the limit, and nothing that is no amount', async () => {
    isRefused(await post('payment', '/pay', { amount: 90_000, pin }), 'amount.too-high')
    for (const amount of [0, -1, '1e9', 'x', ''])
      isRefused(await post('payment', '/pay', { amount, pin }), 'form.incomplete')
    isRefused(await get('payment', '/pay?amount=-1'), 'form.incomplete')
  })

  it('takes one payment after the other, when two come at once', async () => {
    const [one, other] = await Promise.all([
      post('payment', '/pay', { amount: 100 }),
      post('payment', '/pay', { amount: 100 }),
    ])
    assert.match(one.text + other.text, /89,300円/)
  })
})

describe('afterwards', () => {
  it('a new certificate leads to the same membership and insurance', async () => {
    await street.cardAt('phone')
    const before = await serialInSim()
    await download(personAt(street.town))
    assert.notEqual(await serialInSim(), before)
    await switchPinLess(street.town.device, true, pin, street.town.now())
    await street.phoneAt('payment')
    const paid = await post('payment', '/pay', { amount: 300 })
    assert.match(paid.text, /89,000円/)
    assert.equal(textOf(paid, 'serial'), await serialInSim())
    await street.phoneAt('insurance')
    assert.match((await post('insurance', '/check')).text, /負担割合 1割/)
  })

  it('a terminal that was revoked reads nobody without PIN', async () => {
    const to = { actor: 'jpki-system', url: street.town.places.jpkiSystem } as const
    await asActor(street.town, 'operator', to, (peer) => call(peer, revokeTerminal, { terminalId: 'insurance-1' }))
    street.town.clock.ahead += 10 * 60_000
    isRefused(await post('insurance', '/check'), 'terminal.revoked')
  })

  it('a certificate that was revoked pays nothing, and a blocked PIN is told', async () => {
    await street.phoneAt('payment')
    await revoke(street.town, 'auth', (await serialInSim()) ?? '', 'cessationOfOperation')
    isRefused(await post('payment', '/pay', { amount: 100 }), 'certificate.revoked')
    for (const code of ['pin.wrong', 'pin.wrong', 'pin.blocked', 'pin.blocked'])
      isRefused(await post('payment', '/pay', { amount: 20_000, pin: '0000' }), code)
  })
})
