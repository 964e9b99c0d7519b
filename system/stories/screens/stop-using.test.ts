/** The SIM is given away: wiped on the screen, with a proof that the app has checked, and that whoever has it can check again. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { appletInstance, attestationIn, flawOfAttestation, iccidOctets } from '@mobile-jpki/jpki'
import { certificateInSim, describe as describeDevice } from '@mobile-jpki/jpki-ui/domain'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { openStreet, type Street } from '../life/street.ts'
import { type AppPage, openScreens, type Screens } from './app-page.ts'

describe('a SIM that is given away', { skip: needs('chromium'), timeout: 600_000 }, () => {
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

  it('is wiped when the person means it and signs, though the app is closed on the way', async () => {
    const { serialNumber } = await street.life(orderId)
    await app.open('#/life')
    await app.follow('利用をやめる')
    await app.heading('利用をやめる')
    await app.sign('署名して消去する', hanako)
    await app.sees('続けるには、チェックを入れてください。')
    assert.equal(await street.status(serialNumber), 'good')
    await app.field('agree').check()
    await app.page.route('**/life-events/progress', (route) => route.abort())
    await app.press('署名して消去する')
    await app.sees('接続を待っています')
    await app.open('')
    await app.sees('手続きの途中です: 利用の終了と消去')
    await app.page.unroute('**/life-events/progress')
    await app.follow('続きから')
    await app.heading('消去しました')
    assert.equal(await street.status(serialNumber), 'revoked cessationOfOperation')
    assert.equal(await certificateInSim(street.device), undefined)
  })

  it('proves it: the proof stands after a reload, is saved, and holds for this SIM and order alone', async () => {
    await app.reload()
    await app.sees('このSIMカードには、消去する電子証明書がありません。')
    await app.sees('消去の証明')
    const [download] = await Promise.all([app.page.waitForEvent('download'), app.follow('証明を保存する')])
    const saved = JSON.parse(await readFile(await download.path(), 'utf8'))
    assert.deepEqual([saved.orderId, saved.iccid], [orderId, hanako.sim.iccid])
    const attestation = attestationIn(Uint8Array.fromBase64(saved.attestation))
    assert.ok(attestation)
    const { trust } = await describeDevice(street.device)
    const context = { instanceAid: appletInstance, iccid: iccidOctets(hanako.sim.iccid), orderId }
    const believed = { attestedBy: 'casd', authorities: trust.casdAuthorities, applets: trust.applets } as const
    assert.equal(await flawOfAttestation(attestation, 'deletion', context, believed, new Date()), undefined)
    const elsewhere = { ...context, orderId: crypto.randomUUID() }
    assert.ok(await flawOfAttestation(attestation, 'deletion', elsewhere, believed, new Date()))
  })

  it('leaves the way open to begin again', async () => {
    await app.open('')
    await app.sees('利用を終了しました')
    await app.sees('未登録')
    await app.open('#/life')
    await app.sees('利用の終了と消去: 完了')
  })
})
