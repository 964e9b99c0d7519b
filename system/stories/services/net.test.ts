/** Over the net with the phone: the bank by the library, notebook and health record by OpenID Connect; and a new certificate that leads to the same accounts. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { openVisitor, type Shown, textOf, type Visitor } from '@mobile-jpki/services/test-visitor'
import { download } from '../../demo/download.ts'
import { personAt, revoke } from '../stage/town.ts'
import { openStreet, type Street } from './street.ts'

let street: Street & AsyncDisposable
before(async () => {
  street = await openStreet()
})
after(() => street[Symbol.asyncDispose]())

const serialInSim = async () => (await certificateInSim(street.town.device))?.serialNumber

async function atBank(visitor = openVisitor(), chosen?: { readonly pin: string }): Promise<Shown> {
  const bank = street.town.places.relyingParty
  await street.answered(await visitor.post(`${bank}/login`), bank, chosen)
  return visitor.get(`${bank}/phone`)
}

/** Through the provider and back; what the app showed is checked on the way. */
async function atService(service: 'notebook' | 'maternal', name: string, chosen?: { readonly pin: string }) {
  const visitor = openVisitor()
  const { openId, [service]: site } = street.town.places
  const handOver = await visitor.get(`${site}/login`)
  assert.equal(new URL(handOver.url).origin, openId)
  const { requester, origin } = await street.answered(handOver, openId, chosen)
  assert.deepEqual([requester, origin], [name, openId])
  const shown = await visitor.get(handOver.url)
  assert.equal(shown.url, `${site}/`)
  return { visitor, shown, site }
}

describe('the bank', () => {
  it('is entered with the phone, and asks it for each transfer', async () => {
    const visitor = openVisitor()
    const bank = street.town.places.relyingParty
    const account = await atBank(visitor)
    assert.match(account.text, /ログインしました.*300,000円/s)
    assert.equal(textOf(account, 'serial'), await serialInSim())
    const asked = await visitor.post(`${bank}/transfers`, { payee: '甲野商店', amount: 5000 })
    const { purpose, text } = await street.answered(asked, bank)
    assert.deepEqual([purpose, text?.split('\n')[0]], ['confirm', '甲野商店 に 5,000円 を振り込みます。'])
    assert.match((await visitor.get(`${bank}/phone`)).text, /振り込みました.*295,000円/s)
  })

  it('keeps a wrong PIN in the app: the page goes on waiting', async () => {
    const visitor = openVisitor()
    const bank = street.town.places.relyingParty
    const shown = await visitor.post(`${bank}/login`)
    await assert.rejects(street.answered(shown, bank, { pin: '9999' }), { code: 'pin.wrong' })
    assert.equal((await visitor.get(`${bank}/wait`)).text, '{"waiting":true}')
    await street.answered(shown, bank)
    assert.match((await visitor.get(`${bank}/phone`)).text, /ログインしました/)
  })
})

describe('the medication notebook', () => {
  const medicine = { name: 'アムロジピン錠5mg', usage: '1日1回 朝食後', days: 28, pharmacy: 'みほん薬局' }
  const today = () => new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' })

  it('is opened by OpenID Connect, and takes medicines in and out', async () => {
    const { visitor, shown, site } = await atService('notebook', 'みほんお薬手帳')
    assert.match(shown.text, /飲んでいる薬はありません/)
    await visitor.post(`${site}/medicines`, { ...medicine, date: today() })
    const two = await visitor.post(`${site}/medicines`, { ...medicine, name: '<b>整腸薬</b>', date: '2020-01-01' })
    assert.match(two.text, /いま飲んでいる薬.*アムロジピン.*これまでの薬.*&lt;b&gt;整腸薬/s)
    const ids = [...two.text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id ?? '')
    assert.doesNotMatch((await visitor.post(`${site}/medicines/remove`, { id: ids[1] ?? '' })).text, /整腸薬/)
    assert.match(
      (await visitor.post(`${site}/medicines`, { ...medicine, date: today(), days: 0 })).text,
      /form\.incomplete/,
    )
  })

  it('lets nobody write who is not logged in, and sends away who comes back without having begun', async () => {
    const { notebook } = street.town.places
    const stranger = openVisitor()
    assert.match((await stranger.post(`${notebook}/medicines`, { ...medicine, date: today() })).text, /session\.none/)
    assert.match((await stranger.get(`${notebook}/login/done?code=x&state=y`)).text, /session\.none/)
  })

  it('refuses an answer to another question of the same browser', async () => {
    const { notebook, openId } = street.town.places
    const visitor = openVisitor()
    await visitor.get(`${notebook}/login`)
    const answer = new URLSearchParams({ code: 'x', state: 'guessed', iss: openId })
    assert.match((await visitor.get(`${notebook}/login/done?${answer}`)).text, /request\.malformed/)
  })

  it('says that the login was given up', async () => {
    const { notebook, openId } = street.town.places
    const visitor = openVisitor()
    const { url } = await visitor.get(`${notebook}/login`)
    const back = await visitor.post(`${openId}${new URL(url).pathname}/abort`)
    assert.match(back.text, /login\.cancelled/)
  })
})

describe('the mother-and-child health record', () => {
  it('is begun with a child, and follows it', async () => {
    const { visitor, shown, site } = await atService('maternal', 'みほん母子手帳')
    assert.match(shown.text, /お子さんの登録/)
    const post = (path: string, form: Record<string, string | number>) => visitor.post(`${site}${path}`, form)
    await post('/children', { name: '一郎', born: '2026-01-10', weight: 3050 })
    assert.match(
      (await post('/measurements', { date: '2026-04-10', weight: 6200, height: 60.5 })).text,
      /6200 g.*60\.5 cm/s,
    )
    assert.match(
      (await post('/vaccinations', { date: '2026-03-10', vaccine: 'rotavirus' })).text,
      /ロタウイルス.*2026年3月10日/s,
    )
    for (const wrong of [{ date: '2025-12-31' }, { date: '2999-01-01' }, { vaccine: 'luck' }])
      assert.match(
        (await post('/vaccinations', { date: '2026-03-10', vaccine: 'bcg', ...wrong })).text,
        /form\.incomplete/,
      )
    await post('/logout', {})
    assert.match((await visitor.get(`${site}/`)).text, /母子健康手帳/)
  })
})

describe('a new certificate', () => {
  const chosen = { pin: '2580' }

  it('leads to the same account, notebook and record', async () => {
    const before = await serialInSim()
    await download({ ...personAt(street.town), ...chosen })
    assert.notEqual(await serialInSim(), before)
    const account = await atBank(openVisitor(), chosen)
    assert.match(account.text, /295,000円/)
    assert.equal(textOf(account, 'serial'), await serialInSim())
    assert.match((await atService('notebook', 'みほんお薬手帳', chosen)).shown.text, /アムロジピン/)
    assert.match((await atService('maternal', 'みほん母子手帳', chosen)).shown.text, /一郎さんの記録/)
  })

  it('that is revoked opens none of them, and each says why', async () => {
    await revoke(street.town, 'auth', (await serialInSim()) ?? '', 'cessationOfOperation')
    const visitor: Visitor = openVisitor()
    await assert.rejects(atBank(visitor, chosen), { code: 'certificate.revoked' })
    assert.match((await visitor.get(`${street.town.places.relyingParty}/phone`)).text, /<code>certificate\.revoked/)
    const { notebook, openId } = street.town.places
    const handOver = await visitor.get(`${notebook}/login`)
    await assert.rejects(street.answered(handOver, openId, chosen), { code: 'certificate.revoked' })
    assert.match((await visitor.get(handOver.url)).text, /certificate\.revoked/)
    const back = await visitor.post(`${openId}${new URL(handOver.url).pathname}/abort`)
    assert.match(back.text, /<code>certificate\.revoked/)
  })
})
