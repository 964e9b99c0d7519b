/** Pairs made ahead, on both databases: filled in idle time, bound to their rows, each given to one order and to no other. */
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
  collect,
  discard,
  enrolled,
  newPublicKey,
  phoneCertificates,
  prove,
  type Surroundings,
  surroundings,
} from '../../test/surroundings.ts'
import { type KeyPair, makeKeyPair } from '../key-pair.ts'
import { keyContext, sealPair, stockContext } from '../sealed-pair.ts'
import { refill } from '../stock.ts'
import { watched } from './watched.ts'

const never = { generate: (): Promise<never> => Promise.reject(new Error('no order waits for a key')) }
const half = (): KeyPair => ({ publicKey: newPublicKey(), privateKey: new Uint8Array(655).fill(7) })
const halves = { generateInIdleTime: async () => half() }
const refuses = (code: string) => ({ name: 'Refusal', code })

contractOf('the stock of key pairs', (open) => {
  const opened = async (changed: Changes = {}) => {
    const store = await open<Tables>(migrations)
    const world = await surroundings({ store, ...changed })
    return { world, store }
  }
  const terms = (target: number, refillBelow = target) => ({ target, refillBelow, together: 2 })
  const request = async (world: Surroundings) => ({
    orderId: randomUUID(),
    signCertificate: (await enrolled(world)).sign.serialNumber,
    iccid: '8981100022152967705',
  })

  it('is filled up to its target once it is below its mark, and not before', async () => {
    const { world } = await opened()
    assert.equal(await refill(world, halves, terms(0)), 0)
    assert.equal(await refill(world, halves, terms(5)), 5)
    assert.equal(await refill(world, halves, terms(5)), 0)
    assert.equal(await refill(world, halves, terms(9, 5)), 0)
    assert.equal(await refill(world, halves, terms(9, 6)), 4)
    assert.equal(await world.register.keyStock.size(), 9)
    const stop = new AbortController()
    const stopping = {
      generateInIdleTime: async () => {
        stop.abort()
        return half()
      },
    }
    assert.equal(await refill(world, stopping, terms(99), stop.signal), 2)
    await world.close()
  })

  it('keeps no private key in clear, and overwrites it in memory, also where it could not be sealed', async () => {
    const { world, store } = await opened()
    const made: KeyPair[] = []
    const watched = { generateInIdleTime: async () => made[made.push(half()) - 1] as KeyPair }
    await refill(world, watched, terms(2))
    const rows = await store.db.selectFrom('key_stock').selectAll().execute()
    for (const row of rows) assert.ok(!Buffer.from(row.sealed_private_key).includes(Buffer.alloc(16, 7)))
    const locked = { ...world, vault: { ...world.vault, seal: () => Promise.reject(new Error('locked')) } }
    await assert.rejects(refill(locked, watched, terms(3)), /locked/)
    assert.equal(made.length, 3)
    for (const { privateKey } of made) assert.ok(privateKey.every((octet) => octet === 0))
    await world.close()
  })

  it('gives an order a pair that fits its certificate, sealed for the order, and has it no longer', async () => {
    const { world, store } = await opened()
    const fitting = { generateInIdleTime: async () => makeKeyPair() }
    await refill({ ...world }, fitting, terms(1))
    const { register } = { ...world }
    const without = { ...world, keyPairs: never }
    const sim = makeSim(authority)
    const order = { ...(await request(world)), iccid: sim.iccid }
    await phoneCertificates(without).request(order)
    assert.equal(await register.keyStock.size(), 0)
    const kept = await register.orders.find(order.orderId)
    assert.equal(kept?.taken, undefined)
    assert.equal(
      (await world.vault.open(kept?.sealedPrivateKey ?? new Uint8Array(), keyContext(order.orderId))).length,
      655,
    )
    await sim.receive(order.orderId, await collect(world, await sim.attest(order.orderId)))
    await prove(world, { orderId: order.orderId, signature: sim.finish(order.orderId) })
    const row = await store.db.selectFrom('phone_order').selectAll().executeTakeFirstOrThrow()
    assert.deepEqual([row.sealed_private_key, row.taken_key, row.taken_public_key], [null, null, null])
    await assert.rejects(phoneCertificates(without).request(await request(world)), /no order waits/)
    await world.close()
  })

  it('lets an order that was cut off go on with the pair that it took', async () => {
    const { world } = await opened()
    await refill(world, halves, terms(3))
    const order = await request(world)
    const cut = {
      ...world,
      vault: world.vault,
      authorities: { ...world.authorities, current: () => assert.fail('power cut') },
    }
    await assert.rejects(phoneCertificates(cut).request(order), /power cut/)
    assert.equal(await world.register.keyStock.size(), 2)
    const { taken } = (await world.register.orders.find(order.orderId)) ?? {}
    const certificate = await phoneCertificates({ ...world, keyPairs: never }).request(order)
    assert.equal(await world.register.keyStock.size(), 2)
    assert.ok(Buffer.from(certificate.der).includes(taken?.publicKey ?? ''))
    await world.close()
  })

  it('gives nobody a pair whose row was changed: it is destroyed, and the order gets a new one', async () => {
    const { world, store } = await opened()
    const changes = [
      async (one: string, other: string) => {
        const { sealed_private_key } = await store.db
          .selectFrom('key_stock')
          .selectAll()
          .where('id', '=', other)
          .executeTakeFirstOrThrow()
        await store.db.updateTable('key_stock').set({ sealed_private_key }).where('id', '=', one).execute()
      },
      (one: string) =>
        store.db.updateTable('key_stock').set({ public_key: newPublicKey() }).where('id', '=', one).execute(),
      (one: string) =>
        store.db
          .updateTable('key_stock')
          .set({ id: 'ff'.repeat(16) })
          .where('id', '=', one)
          .execute(),
    ]
    for (const change of changes) {
      await store.db.deleteFrom('key_stock').execute()
      await refill(world, halves, terms(2))
      const [one, other] = (await store.db.selectFrom('key_stock').select('id').orderBy('id').execute()).map(
        ({ id }) => id,
      )
      await change(one ?? '', other ?? '')
      await store.db
        .deleteFrom('key_stock')
        .where('id', '=', other ?? '')
        .execute()
      const order = await request(world)
      const made = half()
      const { register, destroyed } = watched(world.register)
      const inside = { ...world, register, keyPairs: { generate: async () => made } }
      const certificate = await phoneCertificates(inside).request(order)
      assert.ok(Buffer.from(certificate.der).includes(made.publicKey))
      assert.deepEqual(destroyed(), [{ by: 'sp-tsm', order: order.orderId, cause: 'unusable' }])
    }
    await world.close()
  })

  it('gives each pair to one order, however many ask at once, until there is none', async () => {
    const { world } = await opened({ keyPairs: { generate: async () => half() } })
    await refill(world, halves, terms(8))
    const { sign } = await enrolled(world)
    const asked = { signCertificate: sign.serialNumber, iccid: '8981100022152967705' }
    const { request } = phoneCertificates(world)
    const certificates = await Promise.all(
      Array.from({ length: 12 }, () => request({ ...asked, orderId: randomUUID() })),
    )
    assert.equal(new Set(certificates.map(({ keyIdentifier }) => keyIdentifier)).size, 12)
    assert.equal(await world.register.keyStock.size(), 0)
    await world.close()
  })

  it('gives it back when the transaction that took it fails', async () => {
    const { world } = await opened()
    await refill(world, halves, terms(1))
    const failing = world.register.atomically(async ({ keyStock }) => {
      assert.ok(await keyStock.take('00'))
      throw new Error('in the middle')
    })
    await assert.rejects(failing, /in the middle/)
    assert.equal(await world.register.keyStock.size(), 1)
    await assert.rejects(
      phoneCertificates(world).request({ ...(await request(world)), signCertificate: '41' }),
      refuses('reference.not-found'),
    )
    assert.equal(await world.register.keyStock.size(), 1)
    await world.close()
  })

  it('loses no pair and doubles none, in whatever order things happen', async () => {
    const { world, store } = await opened({ keyPairs: { generate: async () => half() } })
    const { sign } = await enrolled(world)
    const act = fc.constantFrom('fill', 'order', 'again', 'cut', 'discard')
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
        await store.db.deleteFrom('key_stock').execute()
        const made = new Set<string>()
        const orders: string[] = []
        const given = new Map<string, string>()
        const ask = async (orderId: string, cut = false) => {
          const current = () => assert.fail('power cut')
          const inside = cut ? { ...world, authorities: { ...world.authorities, current } } : world
          const asked = { orderId, signCertificate: sign.serialNumber, iccid: '8981100022152967705' }
          const certificate = await phoneCertificates(inside)
            .request(asked)
            .catch(() => undefined)
          if (certificate !== undefined) given.set(orderId, certificate.keyIdentifier)
        }
        for (const one of acts) {
          const orderId = orders.at(-1)
          if (one === 'fill') {
            const id = randomUUID().replaceAll('-', '')
            const pair = half()
            const sealed = await sealPair(world.vault, pair, stockContext({ id, publicKey: pair.publicKey }))
            await world.register.keyStock.add({ id, ...sealed })
            made.add(id)
          } else if (one === 'again' && orderId !== undefined) await ask(orderId)
          else if (one === 'discard' && orderId !== undefined) await discard(world, orderId)
          else if (one !== 'again' && one !== 'discard') {
            orders.push(randomUUID())
            await ask(orders.at(-1) ?? '', one === 'cut')
          }
        }
        const stocked = (await store.db.selectFrom('key_stock').select('id').execute()).map(({ id }) => id)
        assert.ok(stocked.every((id) => made.has(id)))
        const taken = (
          await store.db.selectFrom('phone_order').select('taken_key').where('taken_key', 'is not', null).execute()
        ).map(({ taken_key }) => taken_key ?? '')
        const places = [...stocked, ...taken.filter((id) => made.has(id))]
        assert.equal(new Set(places).size, places.length)
        assert.equal(new Set(given.values()).size, given.size)
      }),
      { numRuns: 12 },
    )
    await world.close()
  })
})
