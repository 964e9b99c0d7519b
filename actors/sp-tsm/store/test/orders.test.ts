/** Orders in both databases: what they remember, whom they find, and that two who change one do it one after the other. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { contractOf } from '@mobile-jpki/store/contract'
import { orderStates } from '../../contract.ts'
import { ended, moved, type Order } from '../../domain/order.ts'
import { archiveIn } from '../archive.ts'
import { ordersIn } from '../orders.ts'
import { outboxIn } from '../outbox.ts'
import { sealEarlierRows } from '../seals/earlier.ts'
import { migrations, type Tables } from '../tables.ts'
import { day, now, octets, orderOf as order, seals } from './made.ts'

contractOf('the orders of SP-TSM', (open) => {
  const opened = async (place?: string) => ordersIn(await open<Tables>(migrations, place), () => now, seals)

  it('come back as they were given, with few fields and with all', async () => {
    const place = `place-${randomUUID()}`
    const orders = await opened(place)
    const few = order()
    const all = order({
      state: 'failed',
      accessCode: octets(32),
      sealedAccessCode: octets(40),
      codeExpires: new Date(now.getTime() + 14 * day),
      wrongTries: 3,
      session: octets(32),
      phoneCertificate: '4f',
      securityDomain: octets(13),
      instanceAid: octets(10),
      ownKeySet: octets(80),
      initialKeySet: octets(160),
      initialKeyVersion: 0x31,
      discardOwed: true,
      terminateOwed: true,
      bearer: 'scp80',
      replacedBy: randomUUID(),
      deviceKey: octets(65),
      attestedBy: 'voucher',
      trouble: { code: 'card.refused', detail: '「6A84」', whose: 'sim' },
      setback: { trouble: { code: 'peer.unreachable', detail: 'away', whose: 'mno-tsm' }, count: 3, next: now },
    })
    for (const one of [few, all]) assert.equal(await orders.add(one), true)
    const again = await opened(place)
    for (const one of [few, all]) assert.deepEqual(await again.find(one.id), one)
  })
  it('are added once for each form', async () => {
    const orders = await opened()
    const first = order()
    const added = await Promise.all([first, { ...first, applicant: 'another' }, first].map((one) => orders.add(one)))
    assert.deepEqual(added.filter(Boolean).length, 1)
    assert.equal(await orders.add({ ...first, state: 'verified' }), false)
    assert.equal((await orders.find(first.id))?.state, 'applied')
  })
  it('are found by id, access code and session, and by nothing that comes close', async () => {
    const orders = await opened()
    const [accessCode, session] = [octets(32), octets(32)]
    const one = order({ accessCode, session })
    await orders.add(one)
    await orders.add(order({ accessCode: octets(32) }))
    assert.deepEqual(await orders.findByAccessCode(accessCode), one)
    assert.deepEqual(await orders.findBySession(session), one)
    assert.equal(await orders.find(randomUUID()), undefined)
    for (const near of [session, accessCode.slice(0, 31), new Uint8Array()])
      assert.equal(await orders.findByAccessCode(near), undefined)
    assert.equal(await orders.findBySession(accessCode), undefined)
  })
  it('refuse a second order with the same access code or session', async () => {
    const orders = await opened()
    const same = { accessCode: octets(32) }
    await orders.add(order(same))
    await assert.rejects(orders.add(order(same)))
  })
  it('know the latest open order of a SIM', async () => {
    const orders = await opened()
    const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000)
    for (const [index, state] of orderStates.entries())
      await orders.add(order({ state, createdAt: at(index) }, { iccid: '8981100022152967713' }))
    await orders.add(order({ state: 'codeSent', createdAt: at(99) }))
    const found = await orders.findOpenForSim('8981100022152967713')
    assert.equal(found?.state, 'delivered')
    assert.equal(await orders.findOpenForSim('8981100022152967721'), undefined)
  })
  it('are changed one after the other, however many come at once', async () => {
    const orders = await opened()
    const one = order()
    await orders.add(one)
    const more = (before: Order) => ({ ...before, wrongTries: before.wrongTries + 1 })
    await Promise.all(Array.from({ length: 8 }, () => orders.update(one.id, more)))
    assert.equal((await orders.find(one.id))?.wrongTries, 8)
  })
  it('lose the fields that a change takes away, and stay when it refuses', async () => {
    const orders = await opened()
    const one = order({ sealedAccessCode: octets(40), initialKeyVersion: 0x31, discardOwed: true })
    await orders.add(one)
    await orders.update(one.id, ({ sealedAccessCode: _, initialKeyVersion: __, discardOwed: ___, ...rest }) => rest)
    const { sealedAccessCode, initialKeyVersion, discardOwed, ...rest } = one
    assert.ok(sealedAccessCode && initialKeyVersion && discardOwed)
    assert.deepEqual(await orders.find(one.id), rest)
    const refusing = orders.update(one.id, () => {
      throw new Refusal('code.locked')
    })
    await assert.rejects(refusing, Refusal)
    assert.deepEqual(await orders.find(one.id), rest)
    await assert.rejects(
      orders.update(randomUUID(), (before) => before),
      (error) => error instanceof Refusal && error.code === 'reference.not-found',
    )
  })
  it('bring their history and letters along, in the same transaction, and are read without them', async () => {
    const store = await open<Tables>(migrations)
    const orders = ordersIn(store, () => now, seals)
    const one = order({ state: 'codeSent', accessCode: octets(32) })
    await orders.add(one)
    await orders.update(one.id, (before) => moved(before, 'authenticate', {}, 'user'))
    await orders.update(one.id, (before) =>
      ended(before, 'cancel', { code: 'application.cancelled', detail: 'lost' }, 'operator'),
    )
    const refused = orders.update(one.id, (before) => moved(before, 'deliver'))
    await assert.rejects(refused, Refusal)
    assert.deepEqual(await archiveIn(store).historyOf(one.id), [
      { at: now, event: 'authenticate', from: 'codeSent', to: 'authenticated', by: 'user' },
      {
        at: now,
        event: 'cancel',
        from: 'authenticated',
        to: 'cancelled',
        by: 'operator',
        trouble: { code: 'application.cancelled', detail: 'lost', whose: 'user' },
      },
    ])
    assert.deepEqual(await outboxIn(store, seals).ofOrder(one.id), [{ kind: 'cancelled', writtenAt: now, tries: 0 }])
    const found = await orders.find(one.id)
    assert.deepEqual([found?.news, found?.letters], [undefined, undefined])
  })
  it('of a store made before orders could owe anything, owe nothing', async () => {
    const place = `place-${randomUUID()}`
    const early = await open<Tables>(migrations.slice(0, 1), place)
    const row = {
      id: randomUUID(),
      state: 'codeSent' as const,
      iccid: '8981100022152967705',
      created_at: now.toISOString(),
      wrong_tries: 0,
      applicant: 'x',
      sign_certificate: '1000',
      form: JSON.stringify(order().form),
      application: octets(9),
      password: octets(48),
    }
    await early.db
      .insertInto('sp_order')
      .values(row as never)
      .execute()
    const later = await open<Tables>(migrations, place)
    await sealEarlierRows(later, seals)
    const found = await ordersIn(later, () => now, seals).find(row.id)
    assert.deepEqual([found?.state, found?.discardOwed], ['codeSent', undefined])
    const { carrier } = await later.db
      .selectFrom('sp_order')
      .select('carrier')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow()
    assert.equal(carrier, found?.form.carrier)
  })
})
