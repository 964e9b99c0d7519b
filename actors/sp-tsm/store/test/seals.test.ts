/** Seals of rows in both databases: whatever is written into a row without the key is found when the row is read. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import type { Store } from '@mobile-jpki/store'
import { contractOf } from '@mobile-jpki/store/contract'
import { sql } from 'kysely'
import { livesIn } from '../../life/store/lives.ts'
import { lifeColumns, taskColumns } from '../../life/store/rows.ts'
import { leasesIn } from '../leases.ts'
import { ordersIn } from '../orders.ts'
import { orderColumns } from '../rows.ts'
import { sealEarlierRows } from '../seals/earlier.ts'
import { migrations, type Tables } from '../tables.ts'
import { later, now, octets, orderOf, seals } from './made.ts'

const changed = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'record.changed'

/** Neither decides anything: others look for rows by them, and a row that is found is read whole. */
const follow = ['id', 'order_id', 'due_at', 'whose', 'waits_for']

contractOf('rows that somebody wrote to without the key', (open) => {
  const full = () =>
    orderOf({
      state: 'codeSent',
      accessCode: octets(32),
      sealedAccessCode: octets(40),
      session: octets(32),
      deviceKey: octets(65),
      attestedBy: 'casd',
      codeExpires: later(9e8),
      wrongTries: 3,
    })
  const opened = async () => {
    const store = await open<Tables>(migrations)
    const clock = () => now
    return { store, orders: ordersIn(store, clock, seals), lives: livesIn(store, clock, seals) }
  }
  /** Takes the value that another row has in that column. */
  const move = (store: Store<Tables>, table: string, key: string, column: string, from: string, to: string) =>
    store.transaction(async (db) => {
      const { rows } = await sql<{ value: unknown }>`select ${sql.ref(column)} as value from ${sql.table(table)}
        where ${sql.ref(key)} = ${from}`.execute(db)
      // Where a value may stand once only, it leaves its place.
      await sql`delete from ${sql.table(table)} where ${sql.ref(key)} = ${from}`.execute(db)
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${rows[0]?.value}
        where ${sql.ref(key)} = ${to}`.execute(db)
    })

  it('are refused, whichever column of an order came from another order', async () => {
    const { store, orders } = await opened()
    for (const column of orderColumns.filter((one) => !follow.includes(one))) {
      const mine = orderOf({}, { iccid: '8981100022152967713', carrier: 'B' })
      const other = { ...mine, ...{ applicant: 'another', signCertificate: '99', createdAt: later(5) } }
      const victim = full()
      await orders.add(other)
      await orders.add(victim)
      const before = await store.db
        .selectFrom('sp_order')
        .selectAll()
        .where('id', 'in', [victim.id, other.id])
        .execute()
      const [one, two] = before.map((row) => JSON.stringify(row[column]))
      await move(store, 'sp_order', 'id', column, other.id, victim.id)
      if (one === two) assert.deepEqual(await orders.find(victim.id), victim, column)
      else await assert.rejects(orders.find(victim.id), changed, column)
    }
  })
  it('are refused to whoever looks by code or session, takes, or changes', async () => {
    const { store, orders } = await opened()
    const leases = leasesIn(store, seals)
    const [one, sound] = [full(), orderOf({ state: 'verified' })]
    await orders.add({ ...one, state: 'verified' })
    await orders.add(sound)
    await store.db.updateTable('sp_order').set({ wrong_tries: 0 }).where('id', '=', one.id).execute()
    const time = { owner: 'one', now, until: later(1000) }
    await assert.rejects(orders.findByAccessCode(one.accessCode ?? octets(1)), changed)
    await assert.rejects(orders.findBySession(one.session ?? octets(1)), changed)
    await assert.rejects(
      orders.update(one.id, (order) => order),
      changed,
    )
    assert.deepEqual(
      (await leases.takeDue(time, 9)).map(({ order }) => order.id),
      [sound.id],
      'others are worked on',
    )
    await assert.rejects(leases.take(one.id, time, 'force'), changed)
  })
  it('are refused, whichever column of a life or of a task of it came from another person’s', async () => {
    const { store, lives } = await opened()
    const lived = (serialNumber: string, more: object = {}) => ({
      ...{ orderId: randomUUID(), state: 'inUse' as const, serialNumber, notAfter: later(9e9), carrier: 'A' },
      ...{ iccid: serialNumber, msisdn: serialNumber, begunAt: now, stops: [], bound: true, wrongTries: 0 },
      ...{ visit: octets(32) },
      ...more,
    })
    const asked = (orderId: string, more: object = {}) => ({
      ...{ id: randomUUID(), orderId, event: 'stop' as const, state: 'atJpki' as const, askedAt: now },
      ...{ particulars: {}, tries: 0 },
      ...more,
    })
    const device = { model: 'x', os: 'y' }
    for (const column of [...lifeColumns, ...taskColumns].filter((one) => !follow.includes(one) && one !== 'seal')) {
      const theirs = lived(octets(8).toHex(), { carrier: 'B', begunAt: later(1), notAfter: later(8e9) })
      const mine = lived(octets(8).toHex(), {
        ...{ state: 'stopped', stops: ['stop'], bound: false, wrongTries: 2, endedBy: 'giveUp' },
        reminder: { at: later(7), days: 30 },
      })
      const trouble = { code: 'card.absent', detail: 'x' }
      const [task, other] = [
        asked(theirs.orderId, { askedAt: later(3) }),
        asked(mine.orderId, {
          ...{ event: 'pinReset', state: 'atSim', particulars: { device }, trouble, tries: 3 },
          ...{ evidence: octets(9), session: octets(32), proof: octets(9) },
        }),
      ]
      for (const one of [theirs, mine]) await lives.begin(one)
      for (const one of [task, other])
        await lives.update(one.orderId, (affairs) => ({ ...affairs, tasks: [...affairs.tasks, one] }))
      const isOfLife = (lifeColumns as readonly string[]).includes(column)
      if (isOfLife) await move(store, 'sp_life', 'order_id', column, mine.orderId, theirs.orderId)
      if (isOfLife) await assert.rejects(lives.find(theirs.orderId), changed, column)
      if (!(taskColumns as readonly string[]).includes(column)) continue
      await move(store, 'sp_life_task', 'id', column, other.id, task.id)
      await assert.rejects(lives.findTask({ id: task.id }), changed, column)
      await assert.rejects(lives.tasksOf(theirs.orderId), changed, column)
    }
  })
  it('are no more than that when the seal is taken away: rows are sealed once, before there is a key', async () => {
    const { store, orders } = await opened()
    const one = full()
    await orders.add(one)
    await store.db.updateTable('sp_order').set({ seal: null }).execute()
    await assert.rejects(orders.find(one.id), changed)
    await sealEarlierRows(store, seals)
    assert.deepEqual(await orders.find(one.id), one)
  })
})
