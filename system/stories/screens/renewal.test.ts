/** The certificate nears its end, the My Number card or the line changes: what the app says, and one press that renews. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { changeLineStatus } from '@mobile-jpki/mno-tsm/contract'
import { makeCard, recordEvent } from '@mobile-jpki/municipality/contract'
import { call } from '@mobile-jpki/service'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { openStreet, password, type Street } from '../life/street.ts'
import { pins } from '../persons/office.ts'
import { asActor, cardIn, codeMailsIn, pin } from '../stage/town.ts'
import { type AppPage, codeIn, openScreens, type Screens } from './app-page.ts'

const day = 86_400_000

describe('a certificate', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let street: Street
  let screens: Screens
  let app: AppPage
  let orderId: string
  before(async () => {
    street = await openStreet()
    screens = await openScreens()
    app = await screens.app(street.places.phone)
    orderId = await street.orderId()
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await street?.[Symbol.asyncDispose]()
  })

  const atCounter = <T>(work: (counter: Parameters<typeof call>[0]) => Promise<T>): Promise<T> =>
    asActor(street, 'system', { actor: 'municipality', url: street.places.municipality }, work)
  const ended = (because: string) => street.until(orderId, (now) => now.because.join() === because)

  async function appliesWithOnePress(): Promise<void> {
    await app.heading('申請し直す')
    assert.equal(await app.field('mail').inputValue(), hanako.mail)
    await app.sign('署名して申請する', hanako)
    await app.heading('申請中です')
    await app.sees('アクセスコードをメールで送りました。')
    await app.follow('ダウンロードへ進む')
    await app.field('accessCode').fill(codeIn(await codeMailsIn(street)))
    await app.field('password').fill(password)
    await app.press('ダウンロードを始める')
    await app.choosePin(pin)
    await app.heading('完了')
    const before = await street.life(orderId)
    orderId = await street.orderId()
    const present = await street.life(orderId)
    assert.equal(present.state, 'inUse')
    assert.equal(await street.successor(before.serialNumber), present.serialNumber)
  }

  it('is stopped with its line and good again with it: the app says whose turn it is', async () => {
    const { carrier, msisdn } = hanako.phone
    const line = (status: 'inService' | 'suspended', reason: 'unpaid' | 'paid') =>
      asActor(street, 'operator', { actor: 'mno-tsm', url: street.places.mnoTsm }, (shop) =>
        call(shop, changeLineStatus, { functionCall: { id: randomUUID() }, carrier, msisdn, status, reason }),
      )
    await line('suspended', 'unpaid')
    await ended('lineSuspended')
    await app.open('')
    await app.sees('回線が止まっています')
    await app.open('#/found')
    await app.sees('回線が止まっています')
    assert.equal(await app.field('signPassword').count(), 0, 'no signature lifts it')
    await line('inService', 'paid')
    await ended('')
    await app.open('#/life')
    await app.sees('電子証明書は使える状態です。')
  })

  it('ends when the card is renewed; the new card applies again with one press', async () => {
    await atCounter((to) => call(to, recordEvent, { id: hanako.id, event: 'renewCertificates' }))
    await ended('cardEnded')
    await app.open('')
    await app.sees('マイナンバーカードが新しくなりました')
    await app.follow('新しいカードで申請する')
    await appliesWithOnePress()
    await app.open('')
    await app.sees('有効')
    await app.seesNot('マイナンバーカードが新しくなりました')
  })

  it('is on hold while the card is; nothing about the phone lifts that', async () => {
    await atCounter((to) => call(to, recordEvent, { id: hanako.id, event: 'stop' }))
    await ended('cardStopped')
    await app.open('')
    await app.sees('マイナンバーカードが一時停止中です')
    await app.open('#/found')
    await app.sees('マイナンバーカードが一時停止中です')
    assert.equal(await app.field('signPassword').count(), 0)
    await atCounter((to) => call(to, makeCard, { id: hanako.id, event: 'find', ...pins }))
    await cardIn(street, 'NFC').reset()
    await ended('cardEnded')
    await app.open('#/apply-again')
    await appliesWithOnePress()
  })

  it('that nears its end is renewed with one press, as the notice says', async () => {
    const { notAfter } = await street.life(orderId)
    street.clock.ahead = notAfter.getTime() - 60 * day + 60_000 - Date.now()
    await app.turnTo(street.now())
    await app.open('')
    await app.sees('電子証明書の有効期限が近づいています')
    await app.sees(/あと60日/)
    await app.follow('更新する')
    await appliesWithOnePress()
  })

  it('that has ended by itself says so, and that the card’s must be good', async () => {
    const { notAfter } = await street.life(orderId)
    street.clock.ahead = notAfter.getTime() + 60_000 - Date.now()
    await ended('expired')
    await app.page.clock.setSystemTime(street.now())
    await app.open('')
    await app.sees('電子証明書の有効期限が切れました')
    await app.follow('申請し直す')
    await app.sign('署名して申請する', hanako)
    await app.sees('certificate.expired')
    assert.equal(
      await app.field('signPassword').inputValue(),
      hanako.card.signPassword,
      'nothing that was typed is lost',
    )
  })
})
