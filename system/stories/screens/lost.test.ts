/** The phone is lost, as the screens tell it: stopped from any phone, found again, or given up; and the next certificate with one press. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { needs } from '../../../test/needs.ts'
import { useAsCard } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { openStreet, password, type Street } from '../life/street.ts'
import { codeMailsIn, pin } from '../stage/town.ts'
import { type AppPage, codeIn, openScreens, type Screens } from './app-page.ts'

describe('a phone that is lost', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let street: Street
  let screens: Screens
  let app: AppPage
  let orderId: string
  let serialNumber: string
  before(async () => {
    street = await openStreet()
    screens = await openScreens()
    app = await screens.app(street.places.phone)
    orderId = await street.orderId()
    serialNumber = (await street.life(orderId)).serialNumber
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await street?.[Symbol.asyncDispose]()
  })

  it('is stopped with number and password; what is wrong is told, and not which of the two', async () => {
    await app.open('')
    await app.follow('スマートフォンをなくした')
    await app.heading('スマートフォンをなくした')
    await app.press('すぐに止める')
    await app.sees('0から始まる10桁か11桁の番号を入力してください。')
    await app.sees('8文字以上で入力してください。')
    await app.field('msisdn').fill(hanako.phone.msisdn.replace(/^(...)(....)/, '$1-$2-'))
    await app.field('password').fill('some-other-2016')
    await app.press('すぐに止める')
    await app.sees('電話番号かパスワードが違います。')
    assert.equal(await street.status(serialNumber), 'good')
    await app.field('password').fill(password)
    await app.press('すぐに止める')
    await app.heading('利用を止めました')
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
  })

  it('locks its SIM when its app is opened, and says why it cannot be used', async () => {
    await app.open('')
    await app.sees('利用を止めています')
    await street.until(orderId, ({ tasks }) => tasks.every(({ state }) => state === 'done'))
    assert.equal(await certificateInSim(street.device), undefined)
    await app.open('#/life')
    await app.sees('紛失による停止: 完了')
  })

  it('is found: the card brings it back, though the app is closed on the way', async () => {
    await app.follow('利用を再開する')
    await app.heading('利用の再開')
    await app.page.route('**/life-events/progress', (route) => route.abort())
    await app.sign('署名して再開する', hanako)
    await app.sees('接続を待っています')
    await app.reload()
    await app.sees('接続を待っています')
    await app.page.unroute('**/life-events/progress')
    await app.heading('利用を再開しました')
    assert.equal(await street.status(serialNumber), 'good')
    await useAsCard(street.device, pin)
    await app.open('#/found')
    await app.sees('いまは止まっていません。再開の必要はありません。')
  })

  it('cannot be stopped by guessing: five wrong passwords, then the help desk', async () => {
    await app.open('#/lost')
    await app.field('msisdn').fill(hanako.phone.msisdn)
    for (let tries = 0; tries < 5; tries++) {
      await app.field('password').fill(`some-other-${tries}`)
      await app.press('すぐに止める')
      await app.sees('電話番号かパスワードが違います。')
    }
    await app.field('password').fill(password)
    await app.press('すぐに止める')
    await app.sees('続けて間違えたため、この方法では止められません。')
    assert.equal(await street.status(serialNumber), 'good')
  })

  it('is given up with the card, when the person means it', async () => {
    await app.follow('失効させる')
    await app.heading('なくした電子証明書の失効')
    await app.sign('署名して失効させる', hanako)
    await app.sees('続けるには、チェックを入れてください。')
    await app.field('agree').check()
    await app.press('署名して失効させる')
    await app.heading('失効させました')
    assert.equal(await street.status(serialNumber), 'revoked keyCompromise')
    await app.open('')
    await app.sees('利用を終了しました')
    await street.until(orderId, ({ tasks }) => tasks.some(({ event, state }) => event === 'giveUp' && state === 'done'))
  })

  it('is followed by another certificate with one press: mail and password are those of before', async () => {
    await app.open('')
    await app.follow('申請し直す')
    await app.heading('申請し直す')
    assert.equal(await app.field('mail').inputValue(), hanako.mail)
    await app.sign('署名して申請する', hanako)
    await app.heading('申請中です')
    await app.sees('アクセスコードをメールで送りました。')
    await app.reload()
    await app.heading('申請中です')
    await app.follow('ダウンロードへ進む')
    await app.field('accessCode').fill(codeIn(await codeMailsIn(street)))
    await app.field('password').fill(password)
    await app.press('ダウンロードを始める')
    await app.choosePin(pin)
    await app.heading('完了')
    const next = await street.orderId()
    assert.notEqual(next, orderId)
    assert.equal(await street.successor(serialNumber), (await street.life(next)).serialNumber)
    await app.open('#/life')
    await app.sees('電子証明書は使える状態です。')
  })
})
