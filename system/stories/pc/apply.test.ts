/** Application from a PC: the phone by its numbers, the My Number card in a PC/SC reader, and whatever may be missing; then the download, the loss, the end. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { begin, certificateInSim, follow } from '@mobile-jpki/jpki-ui/domain'
import { installApp } from '@mobile-jpki/phone/contract'
import { call } from '@mobile-jpki/service'
import { islandTools, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import type { Page } from 'playwright-core'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { codeMailsIn, mailsIn, phoneCertificatesIn, pin, rowsOf } from '../stage/town.ts'
import { openPc, type PersonalComputer } from './stage.ts'
import { field, giveContact, heading, namePhone, openConsent, password, phoneOf, press, sees, sign } from './steps.ts'

const computeDigitalSignature = 0x2a

describe('an application from a PC', {
  skip: needs('chromium', ...islandTools) || refusesIslands(),
  timeout: 600_000,
}, () => {
  let pc: PersonalComputer
  let page: Page
  let consent: Page
  const orders = () => rowsOf(pc.town, 'sp-tsm', 'SELECT id, state, form FROM sp_order')

  before(async () => {
    pc = await openPc()
    page = await pc.open()
  })
  after(() => pc?.[Symbol.asyncDispose]())

  it('names the phone by its numbers, as people write them, and finds it eligible', async () => {
    await page.getByRole('link', { name: /申請する/ }).click()
    const named = { ...phoneOf(hanako), msisdn: '＋81 90-0000-0001', iccid: '8981 1000 0000 0000 0129' }
    await namePhone(page, named)
    await sees(page, 'このスマートフォンで利用できます')
  })

  it('keeps what was filled in when the page is loaded anew, and no password', async () => {
    await field(page, 'mail').fill(hanako.mail)
    await field(page, 'password').fill(password)
    await page.reload()
    await press(page, 'このスマートフォンで利用できるか確認する')
    await sees(page, 'このスマートフォンで利用できます')
    assert.equal(await field(page, 'mail').inputValue(), hanako.mail)
    assert.equal(await field(page, 'password').inputValue(), '')
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    assert.ok(!kept.includes(password))
    await giveContact(page)
  })

  it('says that the card helper is not running, and goes on by itself when it is', async () => {
    await sees(page, 'カードリーダー連携ソフトが動いていません')
    await sees(page, './jpki card-helper')
    const helper = await pc.startHelper()
    assert.match(helper.said.out, new RegExp(`${pc.site} may ask it`))
    consent = await openConsent(page)
  })

  it('shows on the helper’s page who asks and what is signed', async () => {
    assert.equal(new URL(consent.url()).origin, pc.helper)
    for (const text of [pc.site, '09000000001', '8981 1000 0000 0000 0129', hanako.mail]) await sees(consent, text)
    await sees(page, '連携ソフトの画面で、内容を確かめて署名してください。')
  })

  it('asks for the card, says that PC/SC is not running, and finds both when they come', async () => {
    await sees(consent, 'カードリーダーに、マイナンバーカードを置いてください。')
    await pc.island.stopReader()
    await sees(consent, 'reader.service-absent')
    await pc.island.startReader()
    await sees(consent, 'カードリーダーに、マイナンバーカードを置いてください。')
    pc.reader.insert()
    await sees(consent, 'カードを検出しました')
    await sees(consent, 'Virtual PCD 00 00')
  })

  it('counts a wrong password, and keeps nothing of it', async () => {
    await press(consent, '署名する')
    await sees(consent, '6文字から16文字の英数字で入力してください。')
    await sign(consent, 'zzz999')
    await sees(consent, '署名用パスワードが違います。')
    await sees(consent, 'あと4回入力できます')
    assert.equal(await field(consent, 'signPassword').inputValue(), '')
  })

  it('signs nothing when the card is pulled out while it signs, and asks for it again', async () => {
    pc.reader.pullDuring(computeDigitalSignature)
    await sign(consent)
    await sees(consent, 'card.absent')
    await pc.reader.pull()
    await sees(consent, 'カードリーダーに、マイナンバーカードを置いてください。')
    assert.deepEqual(orders(), [])
    pc.reader.insert()
  })

  it('② to ⑤ ends, once the card has signed, in the same order as one from the phone', async () => {
    await sign(consent)
    await heading(consent, '署名しました')
    await consent.close()
    await heading(page, '申請完了')
    const [order, ...others] = orders()
    assert.deepEqual(others, [])
    const form = JSON.parse(String(order?.['form']))
    const { type, msisdn, iccid, carrier, mail, device } = form
    assert.deepEqual(
      { type, msisdn, iccid, carrier, mail, device },
      {
        type: 'mobile-jpki/application',
        msisdn: hanako.phone.msisdn,
        iccid: hanako.sim.iccid,
        carrier: hanako.phone.carrier,
        mail: hanako.mail,
        device: { model: hanako.phone.model, os: hanako.phone.os },
      },
    )
    await sees(page, String(order?.['id']))
    await page.getByRole('link', { name: '申請の状況を見る' }).click()
    await sees(page, 'アクセスコードをメールで送りました。')
  })

  it('⑫ to ⑱ goes on on the phone, with code and password, and the page on the PC sees it end', async () => {
    const { device } = pc.town
    const [mail] = await codeMailsIn(pc.town)
    const accessCode = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-\S/.exec(mail?.text ?? '')?.[0] ?? ''
    await call(device.phone, installApp, {})
    const begun = await begin(device, { accessCode, password })
    await follow(device, begun, {
      choosePin: async () => pin,
      progress: () => undefined,
      pause: (milliseconds) => setTimeout(milliseconds),
      now: pc.town.now,
    })
    assert.ok(await certificateInSim(device))
    await sees(page, 'ダウンロードは完了しています。')
    await sees(page, '利用できます。')
    assert.deepEqual(
      phoneCertificatesIn(pc.town).map(({ state }) => state),
      ['valid'],
    )
  })

  it('a lost phone is stopped from any PC, by its number and the password', async () => {
    await page.goto(`${pc.site}/#/lost`)
    await field(page, 'msisdn').fill('090-0000-0001')
    await field(page, 'password').fill('another-password')
    await press(page, 'すぐに停止する')
    await sees(page, 'password.wrong')
    await field(page, 'password').fill(password)
    await press(page, 'すぐに停止する')
    await sees(page, '電子証明書を停止しました')
    assert.deepEqual(
      phoneCertificatesIn(pc.town).map(({ state }) => state),
      ['held'],
    )
  })

  it('one that stays lost is ended with the card, after a declined try', async () => {
    await press(page, '失効させる手続きへ')
    const declined = await openConsent(page)
    await sees(declined, '署名すると、元には戻せません。')
    await press(declined, '署名しない')
    await heading(declined, '署名しませんでした')
    await declined.close()
    await sees(page, '連携ソフトの画面で「署名しない」が選ばれました。何も送っていません。')
    const again = await openConsent(page)
    await sees(again, 'スマートフォン用電子証明書の失効')
    await sign(again)
    await heading(again, '署名しました')
    await sees(page, '電子証明書を失効させました')
    for (;;) {
      const [certificate] = phoneCertificatesIn(pc.town)
      if (certificate?.['state'] === 'revoked') break
      await setTimeout(100)
    }
    assert.ok((await mailsIn(pc.town)).length > 2)
  })

  it('breaks no content security policy, and throws nothing', () => assert.deepEqual(pc.faults, []))
})
