import assert from 'node:assert/strict'
import { it } from 'node:test'
import { contractOf, type Open } from '@mobile-jpki/store/contract'
import type { Deployment } from '../domain/deployment.ts'
import { recordsIn } from '../store/records.ts'
import { migrations, type Tables } from '../store/schema.ts'
import { carrier, iccid, line, sim } from './surroundings.ts'

const deployment: Deployment = {
  orderId: '00000000-0000-4000-8000-000000000001',
  iccid,
  sessionId: '00000000-0000-4000-8000-00000000000a',
  state: 'requested',
  keyTransport: new Uint8Array(65).fill(4),
  requestedAt: new Date('2026-11-22T01:02:03.456Z'),
}

contractOf('records of MNO-TSM', (open: Open) => {
  const records = async () => recordsIn((await open<Tables>(migrations)).db)

  it('finds what was saved, as it was saved last', async () => {
    const { sims, subscriptions, deployments } = await records()
    for (const one of [
      sim,
      { ...sim, state: 'personalized', orderId: deployment.orderId, successor: '8981100000000000002' } as const,
      sim,
    ]) {
      await sims.save(one)
      assert.deepEqual(await sims.find(iccid), one)
    }
    for (const one of [
      line,
      { ...line, state: 'suspended', device: { model: 'Phone 1', os: 'Android 14' } } as const,
      line,
    ]) {
      await subscriptions.save(one)
      assert.deepEqual(await subscriptions.find(carrier, line.msisdn), one)
    }
    const refusal = { code: 'card.refused', detail: 'LOAD: 6A84', told: true } as const
    const later: Deployment = { ...deployment, state: 'domainReady', keySet: new Uint8Array(160).fill(7), refusal }
    for (const one of [deployment, { ...deployment, wrappedKeySet: new Uint8Array(76).fill(9) }, later]) {
      await deployments.save(one)
      assert.deepEqual(await deployments.find(deployment.orderId), one)
      assert.deepEqual(await deployments.ofSession(deployment.sessionId), one)
    }
  })

  it('finds nothing where nothing was saved', async () => {
    const { sims, subscriptions, deployments } = await records()
    assert.equal(await sims.find(iccid), undefined)
    assert.equal(await subscriptions.find(carrier, line.msisdn), undefined)
    assert.equal(await subscriptions.ofSim(iccid), undefined)
    assert.equal(await deployments.find(deployment.orderId), undefined)
    assert.equal(await deployments.ofSession(deployment.sessionId), undefined)
    assert.deepEqual(await deployments.ofSim(iccid), [])
  })

  it('finds the line that a SIM carries now, not the one that ended', async () => {
    const { subscriptions } = await records()
    await subscriptions.save({ ...line, msisdn: '09000000001', state: 'ended' })
    assert.equal((await subscriptions.ofSim(iccid))?.msisdn, '09000000001')
    await subscriptions.save(line)
    assert.deepEqual(await subscriptions.ofSim(iccid), line)
  })

  it('lists the deployments into a SIM, oldest first', async () => {
    const { deployments } = await records()
    const second = { ...deployment, orderId: 'b', sessionId: 'b', requestedAt: new Date('2026-11-22T02:00:00Z') }
    await deployments.save(second)
    await deployments.save(deployment)
    await deployments.save({ ...deployment, orderId: 'c', sessionId: 'c', iccid: '8981100000000000002' })
    assert.deepEqual(
      (await deployments.ofSim(iccid)).map(({ orderId }) => orderId),
      [deployment.orderId, 'b'],
    )
  })

  it('gives no session to two deployments', async () => {
    const { deployments } = await records()
    await deployments.save(deployment)
    await assert.rejects(deployments.save({ ...deployment, orderId: 'b' }))
  })

  it('refuses a word that it does not know', async () => {
    const store = await open<Tables>(migrations)
    await recordsIn(store.db).sims.save(sim)
    await store.db.updateTable('sim').set({ state: 'lost' }).execute()
    await assert.rejects(recordsIn(store.db).sims.find(iccid), /unknown word lost/)
  })

  it('keeps all of a transaction or nothing', async () => {
    const store = await open<Tables>(migrations)
    const cut = store.transaction(async (held) => {
      await recordsIn(held).sims.save(sim)
      throw new Error('power')
    })
    await assert.rejects(cut, /power/)
    assert.equal(await recordsIn(store.db).sims.find(iccid), undefined)
  })
})
