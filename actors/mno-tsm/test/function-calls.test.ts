import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Store } from '@mobile-jpki/store'
import { contractOf, type Open } from '@mobile-jpki/store/contract'
import { changeNumber as change } from '../back-office/lines.ts'
import { changeNumber, deployService, statusOfRefusal } from '../contract.ts'
import { provisionSim } from '../domain/provision.ts'
import type { World } from '../domain/world.ts'
import { acting, looking } from '../edge.ts'
import { migrations, type Tables } from '../store/schema.ts'
import { carrier, newSim, openWorld } from './surroundings.ts'

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const { msisdn } = newSim.line
const caller = { caller: 'operator' } as const

let directory: string
let keyring: Keyring
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-mno-tsm-'))
  keyring = await openKeyring(directory)
})
after(() => rm(directory, { recursive: true }))

contractOf('a function call', (open: Open) => {
  const clock = { now: new Date('2026-11-22T01:02:03Z') }
  const openedWith = async (store: Store<Tables>): Promise<World> => {
    const world = { ...(await openWorld(keyring, store)), now: () => clock.now }
    await provisionSim(world, newSim)
    return world
  }
  const opened = async (): Promise<World> => openedWith(await open<Tables>(migrations))
  const openedTwice = async (): Promise<readonly [World, World]> => {
    const place = `test-${randomUUID()}`
    const first = await open<Tables>(migrations, place)
    const second = first.dialect === 'postgres' ? await open<Tables>(migrations, place) : first
    return [await openedWith(first), await openedWith(second)]
  }
  const asked = (to: string, more: { id?: string; validUntil?: Date; carrier?: string } = {}) => {
    const { id = randomUUID(), validUntil, carrier: whose = carrier } = more
    return { functionCall: { id, ...(validUntil && { validUntil }) }, carrier: whose, msisdn, to }
  }
  const call = (world: World, request: ReturnType<typeof asked>, by: { caller: 'operator' | 'system' } = caller) =>
    acting(world, changeNumber, request, by, (held) => change(held, request))

  it('asked again is answered alike, and done once', async () => {
    const world = await opened()
    const request = asked('09000000002')
    const first = await call(world, request)
    assert.deepEqual([first, await call(world, request)], [{ status: 'Executed-Success' }, first])
    assert.equal((await world.records.notifications.ofSim(newSim.iccid)).length, 3)
    await assert.rejects(call(world, asked('09000000003')), refusedWith('reference.not-found'), 'another call is not')
  })

  it('asked twice at once, by two processes where the database has several, is done once', async () => {
    const [one, two] = await openedTwice()
    const request = asked('09000000002')
    const answers = await Promise.allSettled([call(one, request), call(two, request), call(one, request)])
    for (const answer of answers)
      assert.deepEqual(answer.status === 'fulfilled' && answer.value, { status: 'Executed-Success' })
    assert.equal((await one.records.notifications.ofSim(newSim.iccid)).length, 3)
  })

  it('stands for one request of one caller', async () => {
    const world = await opened()
    const request = asked('09000000002')
    await call(world, request)
    await assert.rejects(
      call(world, { ...request, to: '09000000003' }),
      refusedWith('request.key-reused', /was another request/),
    )
    await assert.rejects(call(world, request, { caller: 'system' }), refusedWith('reference.not-found'))
  })

  it('is not begun after its time, and answered alike all the same', async () => {
    const world = await opened()
    const validUntil = new Date(clock.now.getTime() + 1000)
    const request = asked('09000000002', { validUntil })
    await call(world, request)
    clock.now = new Date(clock.now.getTime() + 2000)
    assert.deepEqual(await call(world, request), { status: 'Executed-Success' })
    const late = asked('09000000003', { validUntil })
    await assert.rejects(call(world, late), refusedWith('request.expired', /valid until 2026/))
    await assert.rejects(
      looking(world, late, async () => ({})),
      refusedWith('request.expired'),
    )
    assert.deepEqual([statusOfRefusal('request.expired'), statusOfRefusal('card.refused')], ['Expired', 'Failed'])
  })

  it('for a carrier that is served elsewhere hears where', async () => {
    const world = await opened()
    await assert.rejects(
      call(world, asked('09000000002', { carrier: 'carrier-two' })),
      refusedWith('carrier.elsewhere', /This is the TSM of Carrier One and Guest; Carrier Two has its own/),
    )
    await assert.rejects(
      looking(world, asked('09000000002', { carrier: 'carrier-z' }), async () => ({})),
      refusedWith('carrier.elsewhere', /Nobody here knows carrier-z/),
    )
  })

  it('that was refused changed nothing, and may be asked again', async () => {
    const world = await opened()
    const request = asked('09000000002')
    const wrong = new Error('power')
    await assert.rejects(
      acting(world, changeNumber, request, caller, async (held) => {
        await change(held, request)
        throw wrong
      }),
      wrong,
    )
    assert.ok(await world.records.subscriptions.find(carrier, msisdn))
    assert.deepEqual(await call(world, request), { status: 'Executed-Success' })
  })

  it('keeps its answer sealed, and not for ever', async () => {
    const store = await open<Tables>(migrations)
    const world = { ...(await openWorld(keyring, store)), now: () => clock.now }
    await provisionSim(world, newSim)
    const sessionId = randomUUID()
    const functionCall = { id: randomUUID() }
    const request = {
      functionCall,
      carrier,
      orderId: randomUUID(),
      iccid: newSim.iccid,
      keyTransport: new Uint8Array(65),
    }
    const terms = {
      management: 'simple',
      scp: 3,
      i: 0x70,
      keyBits: 128,
      minimumLevel: 1,
      largestData: 255,
      confidentialSetUp: true,
    } as const
    const act = () =>
      acting(world, deployService, request, { caller: 'sp-tsm' }, async () => ({
        agent: { url: 'https://carrier.invalid', sessionId },
        terms,
      }))
    assert.deepEqual(await act(), await act())
    const rows = await store.db.selectFrom('function_call').select(['answer']).execute()
    assert.ok(rows.length === 1 && rows.every(({ answer }) => !Buffer.from(answer).includes(sessionId)))
    clock.now = new Date(clock.now.getTime() + 25 * 3_600_000)
    await world.records.functionCalls.forget(clock.now, 4)
    assert.equal(await world.records.functionCalls.find('sp-tsm', functionCall.id), undefined)
  })
})
