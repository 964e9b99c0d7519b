/** The end of waiting keys, on both databases: by the clock, by what ends an order, and what the journal is told of each. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import fc from 'fast-check'
import { migrations, type Tables } from '../../store/index.ts'
import { makeSim } from '../../test/sim.ts'
import {
  authority,
  type Changes,
  certifyOnCardKey,
  collect,
  day,
  delivered,
  discard,
  enrolled,
  halfKeyPairs,
  ordered,
  phoneCertificates,
  prove,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from '../../test/surroundings.ts'
import { endOverdue } from '../overdue.ts'
import { watched } from './watched.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

contractOf('keys that wait', (open) => {
  const opened = async (changed: Changes = {}) => {
    const store = await open<Tables>(migrations)
    const world = await surroundings({ store, ...changed })
    const { register, destroyed } = watched(world.register)
    return { world: { ...world, register }, store, destroyed }
  }
  const later = (world: Surroundings, milliseconds: number) => world.at(new Date(world.now().getTime() + milliseconds))

  it('wait for fifteen days, and then end with their certificates, which were good for nobody', async () => {
    const { world, destroyed, store } = await opened({ keyPairs: halfKeyPairs })
    const { orderId, sim, certificate } = await ordered(world, await enrolled(world))
    later(world, 15 * day - 1000)
    assert.equal(await endOverdue(world), 0)
    assert.equal(await stateOf(world, certificate), 'pending')
    later(world, 1000)
    await assert.rejects(collect(world, await sim.attest(orderId)), refuses('conditions.not-satisfied'))
    assert.equal(await endOverdue(world), 1)
    assert.equal(await stateOf(world, certificate), 'revoked unspecified')
    const row = await store.db
      .selectFrom('phone_order')
      .selectAll()
      .where('order_id', '=', orderId)
      .executeTakeFirstOrThrow()
    assert.deepEqual([row.sealed_private_key, row.waits_until], [null, null])
    assert.deepEqual(destroyed(), [
      { by: 'jpki-system', order: orderId, cause: 'expiry', serialNumber: certificate.serialNumber },
    ])
    assert.equal(await endOverdue(world), 0)
    await assert.rejects(collect(world, await sim.attest(orderId)), refuses('certificate.revoked'))
    await assert.rejects(prove(world, { orderId, signature: new Uint8Array(256) }), refuses('possession.invalid'))
    await world.close()
  })

  it('never outlive their certificates: one that expires while it waits is not revoked, and its key goes', async () => {
    const { world, destroyed } = await opened({ keyPairs: halfKeyPairs })
    const card = await enrolled(world, { cardExpires: '2026-04-05' })
    const { orderId, certificate } = await ordered(world, card)
    world.at(new Date(certificate.notAfter.getTime() + 1000))
    assert.equal(await endOverdue(world), 1)
    assert.equal(await stateOf(world, certificate), 'pending')
    assert.equal((await world.register.orders.find(orderId))?.sealedPrivateKey, undefined)
    assert.deepEqual(
      destroyed().map(({ cause }) => cause),
      ['expiry'],
    )
    await world.close()
  })

  it('end also where there is no certificate yet: a pair that was taken, an order on card', async () => {
    const { world, destroyed } = await opened({ keyPairs: halfKeyPairs })
    const { sign } = await enrolled(world)
    const order = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid: '8981100022152967705' }
    await world.register.keyStock.add({ id: 'aa', publicKey: Uint8Array.of(1), sealedPrivateKey: Uint8Array.of(2) })
    const cut = { ...world, vault: { ...world.vault, open: () => assert.fail(), seal: () => assert.fail('cut') } }
    cut.register = { ...cut.register, atomically: onlyOnce(cut.register.atomically) }
    await assert.rejects(phoneCertificates(cut).request(order))
    assert.ok((await world.register.orders.find(order.orderId))?.taken)
    const onCard = { ...order, orderId: randomUUID() }
    await phoneCertificates(world).reserve(onCard)
    later(world, 15 * day)
    assert.equal(await endOverdue(world), 2)
    assert.equal((await world.register.orders.find(order.orderId))?.taken, undefined)
    assert.deepEqual(destroyed(), [{ by: 'jpki-system', order: order.orderId, cause: 'expiry' }])
    await assert.rejects(phoneCertificates(world).reserve(onCard), refuses('conditions.not-satisfied'))
    await world.close()
  })

  it('are not touched after the proof, and end in pages, each of which is looked at once', async () => {
    const { world } = await opened()
    const card = await enrolled(world)
    const { certificate } = await delivered(world, card)
    const waiting = []
    for (let order = 0; order < 3; order++) waiting.push(await ordered({ ...world, keyPairs: halfKeyPairs }, card))
    later(world, 20 * day)
    assert.equal(await endOverdue(world, 2), 3)
    assert.equal(await stateOf(world, certificate), 'valid')
    for (const one of waiting) assert.equal(await stateOf(world, one.certificate), 'revoked unspecified')
    await world.close()
  })

  it('end although another one cannot, which is told at the end and tried again', async () => {
    const { world } = await opened({ keyPairs: halfKeyPairs })
    const card = await enrolled(world)
    const [stuck, other] = [await ordered(world, card), await ordered(world, card)]
    later(world, 15 * day)
    const faulty = {
      ...world,
      register: {
        ...world.register,
        atomically: <T>(work: Parameters<typeof world.register.atomically<T>>[0]) =>
          world.register.atomically((held) => {
            const find = async (orderId: string) =>
              orderId === stuck.orderId ? assert.fail('disk') : held.orders.find(orderId)
            return work({ ...held, orders: { ...held.orders, find } })
          }),
      },
    }
    await assert.rejects(endOverdue(faulty), /disk/)
    assert.equal(await stateOf(world, other.certificate), 'revoked unspecified')
    assert.equal(await endOverdue(world), 1)
    await world.close()
  })

  it('are ended once by processes that look at the same time', async () => {
    const { world, destroyed } = await opened({ keyPairs: halfKeyPairs })
    const card = await enrolled(world)
    for (let order = 0; order < 3; order++) await ordered(world, card)
    later(world, 15 * day)
    const ended = await Promise.all([endOverdue(world), endOverdue(world), endOverdue(world)])
    assert.equal(
      ended.reduce((sum, one) => sum + one),
      3,
    )
    assert.equal(new Set(destroyed().map(({ order }) => order)).size, 3)
    await world.close()
  })

  it('tell the journal what destroyed them', async () => {
    const { world, destroyed } = await opened()
    const card = await enrolled(world)
    const causes: Record<string, string> = {}
    const wait = async (cause: string, holder = card) => {
      const order = await ordered(world, holder)
      causes[order.orderId] = cause
      return order
    }
    const { orderId, sim } = await wait('possession')
    await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    await prove(world, { orderId, signature: sim.finish(orderId) })
    await prove(world, { orderId, signature: sim.finish(orderId) })
    await discard(world, (await wait('discard')).orderId)
    const one = await wait('revocation')
    await revoke(world, { authority: 'auth', serialNumber: one.certificate.serialNumber, reason: 'keyCompromise' })
    const other = await wait('hold')
    await revoke(world, { authority: 'auth', serialNumber: other.certificate.serialNumber, reason: 'certificateHold' })
    const lost = await enrolled(world)
    await wait('revocation', lost)
    await revoke(world, { authority: 'auth', serialNumber: lost.auth.serialNumber, reason: 'keyCompromise' })
    const onCard = makeSim(authority)
    const order = { orderId: randomUUID(), signCertificate: card.sign.serialNumber, iccid: onCard.iccid }
    await phoneCertificates(world).reserve(order)
    await certifyOnCardKey(world, onCard.attestKey(order.orderId))
    await discard(world, order.orderId)
    assert.deepEqual(Object.fromEntries(destroyed().map(({ order, cause }) => [order, cause])), causes)
    assert.equal(destroyed().length, 5)
    await world.close()
  })

  it('are gone exactly when nothing waits, in whatever order things happen', async () => {
    const { world, store } = await opened({ keyPairs: halfKeyPairs })
    const card = await enrolled(world)
    const act = fc.constantFrom('order', 'days', 'sweep', 'discard', 'revoke', 'hold', 'collect')
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
        let last: Awaited<ReturnType<typeof ordered>> | undefined
        for (const one of acts) {
          if (one === 'order') last = await ordered(world, card)
          else if (one === 'days') later(world, 8 * day)
          else if (one === 'sweep') await endOverdue(world)
          else if (last !== undefined) {
            const { orderId, sim, certificate } = last
            const { serialNumber } = certificate
            const reason = one === 'hold' ? 'certificateHold' : 'keyCompromise'
            if (one === 'discard') await discard(world, orderId)
            else if (one === 'collect') await collect(world, await sim.attest(orderId)).catch(() => undefined)
            else await revoke(world, { authority: 'auth', serialNumber, reason }).catch(() => undefined)
          }
        }
        world.at(new Date(world.now().getTime() + 1000))
        await endOverdue(world)
        for (const row of await store.db.selectFrom('phone_order').selectAll().execute()) {
          const isOver = row.ended_at !== null || row.proven_at !== null
          assert.equal(row.waits_until === null, isOver)
          assert.equal(row.sealed_private_key === null, isOver)
          assert.ok(isOver || (row.waits_until ?? '') > world.now().toISOString())
        }
      }),
      { numRuns: 12 },
    )
    await world.close()
  })
})

/** The first transaction is made, and the power is cut before the second. */
function onlyOnce(atomically: Surroundings['register']['atomically']): Surroundings['register']['atomically'] {
  let times = 0
  return (work) => (times++ === 0 ? atomically(work) : Promise.reject(new Error('cut')))
}
