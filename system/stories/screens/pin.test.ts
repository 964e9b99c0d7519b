/** The PIN is locked: the app says so wherever it matters, and a new one is chosen with the My Number card, whatever happens on the way. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { cardClient } from '@mobile-jpki/jpki'
import { needs } from '../../../test/needs.ts'
import { useAsCard } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { openStreet, refusal, type Street } from '../life/street.ts'
import { cardIn, pin } from '../stage/town.ts'
import { type AppPage, openScreens, type Screens } from './app-page.ts'

describe('a PIN that is locked', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let street: Street
  let screens: Screens
  let app: AppPage
  before(async () => {
    street = await openStreet()
    screens = await openScreens()
    app = await screens.app(street.places.phone)
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await street?.[Symbol.asyncDispose]()
  })

  it('is said on the first screen and at a login, which asks for none then', async () => {
    await app.open('')
    await app.sees('有効')
    await app.seesNot('暗証番号がロックされています')
    const card = cardIn(street, 'SIM1')
    await card.reset()
    await cardClient.selectJpki(card)
    for (let tries = 0; tries < 3; tries++) await cardClient.verifyPin(card, 'auth', '0000')
    await card.reset()
    await app.open('#/life')
    await app.sees('暗証番号がロックされています')
    await app.open('')
    await app.sees('ロック中')
    await app.follow('暗証番号を決め直す')
    await app.heading('暗証番号の再設定')
  })

  it('counts a wrong sign password of the card, and says how many tries are left', async () => {
    await app.field('signPassword').fill('zz')
    await app.press('署名して次へ')
    await app.sees('6文字から16文字の英数字で入力してください。')
    await app.field('signPassword').fill('ZZZ999')
    await app.press('署名して次へ')
    await app.sees('署名用パスワードが違います。')
    await app.sees('あと4回入力できます')
    await app.sign('署名して次へ', hanako)
    await app.heading('暗証番号を決めてください')
  })

  it('goes on after the app was closed, from the first screen, without another signature', async () => {
    await app.reload()
    await app.heading('暗証番号を決めてください')
    await app.open('')
    await app.sees('手続きの途中です: 暗証番号の再設定')
    await app.follow('続きから')
    await app.heading('暗証番号を決めてください')
  })

  it('waits while everything is down, and goes on by itself with the PIN that was chosen', async () => {
    await app.page.getByLabel('4桁の暗証番号', { exact: true }).fill('8520')
    await app.press('次へ')
    await app.sees('もう一度入力してください')
    await street.stop()
    await app.page.keyboard.type('8520')
    await app.sees('接続を待っています')
    await street.start()
    await app.heading('暗証番号を変更しました')
    await useAsCard(street.device, '8520')
    await assert.rejects(useAsCard(street.device, pin), refusal('pin.wrong'))
    await useAsCard(street.device, '8520')
  })

  it('leaves nothing to be done, and stands among what happened', async () => {
    await app.open('#/life')
    await app.sees('電子証明書は使える状態です。')
    await app.sees('暗証番号の再設定: 完了')
    await app.seesNot('手続きの途中です')
    await street.mailed(/暗証番号が再設定/)
  })
})
