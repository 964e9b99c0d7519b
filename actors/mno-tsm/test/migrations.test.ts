/** A registry as the version before kept it: one carrier, one SIM in use, its line and the order for it. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf, type Open } from '@mobile-jpki/store/contract'
import { recordsIn } from '../store/records.ts'
import { migrations, type Tables } from '../store/schema.ts'

interface Before {
  sim: {
    iccid: string
    key_diversification_data: Uint8Array
    profile: string
    state: string
    order_id: string | null
  }
  subscription: { msisdn: string; iccid: string; subscriber: string; user_name: string | null; state: string }
  deployment: Omit<Tables['deployment'], 'set_up_key_version' | 'set_up_message' | 'last_token' | 'last_receipt'>
}

const iccid = '89811000000000000129'
const orderId = '00000000-0000-4000-8000-000000000001'

contractOf('a registry of one carrier', (open: Open) => {
  it('becomes one of several: its SIMs, lines and orders are carrier A’s', async () => {
    const place = `test-${randomUUID()}`
    const old = await open<Before>(migrations.slice(0, 1), place)
    const kdd = Uint8Array.fromHex('89811000000000000129')
    await old.db
      .insertInto('sim')
      .values({
        iccid,
        key_diversification_data: kdd,
        profile: 'a-uicc-2016',
        state: 'personalized',
        order_id: orderId,
      })
      .execute()
    await old.db
      .insertInto('subscription')
      .values({ msisdn: '09000000001', iccid, subscriber: '見本　花子', user_name: null, state: 'inService' })
      .execute()
    await old.db
      .insertInto('deployment')
      .values({
        order_id: orderId,
        iccid,
        session_id: randomUUID(),
        state: 'appletInstalled',
        key_transport: new Uint8Array(65),
        wrapped_key_set: null,
        key_set: new Uint8Array(160),
        refusal_code: null,
        refusal_detail: null,
        refusal_told: 0,
        requested_at: '2026-11-22T01:02:03.000Z',
      })
      .execute()

    const { sims, subscriptions, deployments, notifications } = recordsIn((await open<Tables>(migrations, place)).db)
    assert.deepEqual(await sims.find(iccid), {
      iccid,
      carrier: 'carrier-a',
      seId: '8981100089811000000000000129',
      imsi: '001010000000012',
      keyDiversificationData: kdd,
      profile: 'a-uicc-2016',
      keyVersion: 0x30,
      state: 'personalized',
      orderId,
    })
    assert.deepEqual(await subscriptions.find('carrier-a', '09000000001'), {
      carrier: 'carrier-a',
      msisdn: '09000000001',
      iccid,
      subscriber: '見本　花子',
      state: 'inService',
    })
    assert.equal((await deployments.find(orderId))?.state, 'appletInstalled')
    const [told] = await notifications.due(new Date(), ['setLine'], 8)
    assert.deepEqual(told?.message, { msisdn: '09000000001', iccid })
  })

  it('opens again with the same migrations, and with nothing changed', async () => {
    const place = `test-${randomUUID()}`
    await open<Tables>(migrations, place)
    const again = await open<Tables>(migrations, place)
    assert.equal(await recordsIn(again.db).sims.find(iccid), undefined)
  })
})
