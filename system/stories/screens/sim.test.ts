/** Another SIM, another carrier, another phone, as the screens tell it. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { orderInUse } from '@mobile-jpki/jpki-ui/domain'
import { replaceSim } from '@mobile-jpki/mno-tsm/contract'
import { beginLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service'
import { needs } from '../../../test/needs.ts'
import { simTypeNamed } from '../../carriers/carriers.ts'
import { download, password } from '../../demo/download.ts'
import { useAsCard } from '../../demo/use.ts'
import { iccidOf } from '../../town/people.ts'
import { phoneOf, spareSim, type TownPhone } from '../../town/phones.ts'
import { applyAnew, type Street, streetIn } from '../life/street.ts'
import { asActor, codeMailsIn, openTown } from '../stage/town.ts'
import { type AppPage, codeIn, installed, openScreens, type Screens } from './app-page.ts'

describe('another SIM or another phone', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let street: Street
  let screens: Screens
  let phone: TownPhone
  let app: AppPage
  let orderId: string
  const others: TownPhone[] = []
  before(async () => {
    street = streetIn(await openTown())
    screens = await openScreens()
    phone = await phoneOf(street, { simType: 'a-uicc-2016' })
    await download(phone.person)
    orderId = (await orderInUse(phone.device)) ?? ''
    app = await screens.app(phone.url)
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    for (const one of [...others, phone]) await one?.[Symbol.asyncDispose]()
    await street?.[Symbol.asyncDispose]()
  })

  /** The same person, with another phone and line. */
  async function phoneWith(simType: string, account: string): Promise<TownPhone> {
    const { carrierId } = simTypeNamed(simType)
    const line = { carrier: carrierId, msisdn: `0907${account}` }
    const sim = { iccid: iccidOf(simTypeNamed(simType), `7${account}`), profile: simType }
    const other = await phoneOf(street, { simType, who: { ...phone.who, phone: { ...phone.who.phone, ...line }, sim } })
    others.push(other)
    return other
  }

  it('of the same carrier: the app sees it, and applies in the place of the old one with one press', async () => {
    const { serialNumber } = await street.life(orderId)
    const [old, spare] = [phone.sim(), await spareSim(street, 'a-uicc-2016')]
    const { msisdn, carrier } = phone.who.phone
    const exchange = {
      functionCall: { id: randomUUID() },
      carrier,
      msisdn,
      iccid: spare.iccid,
      reason: 'exchange',
    } as const
    await asActor(street, 'operator', { actor: 'mno-tsm', url: street.places.mnoTsm }, (shop) =>
      call(shop, replaceSim, exchange),
    )
    await street.until(orderId, ({ tasks }) => tasks.some(({ state }) => state === 'done'))
    await app.open('')
    await app.sees('新しいSIMカードに交換されました')
    await app.follow('交換の手順を見る')
    await app.sees('同じ携帯電話会社のSIMカードに交換するとき')
    await phone.restart(spare)
    await app.open('')
    await app.sees('SIMカードが変わりました')
    await app.follow('このSIMカードで申請する')
    await app.sees(serialNumber)
    await app.sees(spare.iccid)
    assert.equal(await street.status(serialNumber), 'good')
    await app.sign('署名して申請する', phone.who)
    await app.heading('申請中です')
    await app.sees('アクセスコードをメールで送りました。')
    await app.follow('ダウンロードへ進む')
    await app.field('accessCode').fill(codeIn(await codeMailsIn(street)))
    await app.field('password').fill(password)
    await app.press('ダウンロードを始める')
    await app.choosePin(phone.person.pin)
    await app.heading('完了')
    const next = (await orderInUse(phone.device)) ?? ''
    assert.equal(await street.successor(serialNumber), (await street.life(next)).serialNumber)
    // The old SIM lies in a drawer until somebody puts it into a phone again: opening the app wipes it.
    await phone.restart(old)
    await app.open('')
    await app.sees('SIMカードが変わりました')
    await street.until(orderId, ({ tasks }) => tasks.at(-1)?.state === 'done')
    await phone.restart(spare)
    await app.open('#/life')
    await app.sees('電子証明書は使える状態です。')
    orderId = next
  })

  it('that is another phone with the same SIM: no PIN is asked there until the card has named it', async () => {
    const other = await phoneWith('a-uicc-2016', '1000001')
    const sim = phone.sim()
    await phone.switchOff()
    await other.restart(sim)
    const there = await screens.app(other.url)
    await installed(there, other.url)
    await there.sees('スマートフォンが変わりました')
    const site = { url: street.places.relyingParty, actor: 'relying-party' } as const
    const login = await call(site, beginLogin, {})
    const { hash } = new URL(login.appLink)
    await there.open(hash)
    await there.sees('スマートフォンが変わりました')
    assert.equal(await there.page.getByRole('radio').count(), 0)
    await there.follow('このスマートフォンを登録する')
    await there.heading('スマートフォンの登録')
    await there.field('signPassword').fill('ZZZ999')
    await there.press('署名して登録する')
    await there.sees('署名用パスワードが違います。')
    await there.sign('署名して登録する', phone.who)
    await there.heading('登録しました')
    await there.open('#/rebind')
    await there.sees('このスマートフォンは登録されています。何もする必要はありません。')
    await there.open(hash)
    await there.page.getByRole('radio', { name: login.number, exact: true }).check()
    await there.page.getByLabel('4桁の暗証番号', { exact: true }).fill(phone.person.pin)
    await there.press('ログインする')
    await there.heading('ログインしました')
    await other.switchOff()
    await phone.restart(sim)
    await app.open('')
    await app.sees('スマートフォンが変わりました')
    await app.follow('このスマートフォンを登録する')
    await app.sign('署名して登録する', phone.who)
    await app.heading('登録しました')
  })

  it('of another carrier, in another phone: the old phone says so, and its SIM is wiped', async () => {
    const atB = await phoneWith('b-uicc-2015', '2000001')
    await applyAnew(street, orderId, atB.person)
    await useAsCard(atB.device, atB.person.pin)
    await street.until(orderId, ({ state }) => state === 'ended')
    await app.open('')
    await app.sees('別のSIMカードで使っています')
    await street.until(orderId, ({ tasks }) => tasks.at(-1)?.state === 'done')
    await app.open('#/stop-using')
    await app.sees('このSIMカードには、消去する電子証明書がありません。')
  })
})
