import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import type { Store } from '@mobile-jpki/store'
import { contractOf, type Open } from '@mobile-jpki/store/contract'
import { openOutbox, type Tellers, tellDue } from '../back-office/outbox.ts'
import { type Notification, notificationNames, tell } from '../domain/notification.ts'
import type { World } from '../domain/world.ts'
import { recordsIn } from '../store/records.ts'
import { migrations, type Tables } from '../store/schema.ts'
import { carrier, iccid, openWorld } from './surroundings.ts'

const other = '8981100000000000002'

let directory: string
let keyring: Keyring
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-mno-tsm-'))
  keyring = await openKeyring(directory)
})
after(() => rm(directory, { recursive: true }))

/** Whoever is told keeps what it heard; `trouble` is thrown instead. */
function listener(trouble: () => unknown = () => undefined) {
  const heard: Notification[] = []
  const hear = async (notification: Notification) => {
    const error = trouble()
    if (error !== undefined) throw error
    heard.push(notification)
  }
  const tellers = Object.fromEntries(notificationNames.map((name) => [name, hear])) as unknown as Tellers
  return { heard, tellers }
}

contractOf('what SP-TSM is to be told', (open: Open) => {
  const clock = { now: new Date('2026-11-22T01:02:03Z') }
  const later = (milliseconds: number) => {
    clock.now = new Date(clock.now.getTime() + milliseconds)
  }
  const openedWith = async (store: Store<Tables>): Promise<World> => ({
    ...(await openWorld(keyring, store)),
    now: () => clock.now,
  })
  const opened = async (): Promise<World> => openedWith(await open<Tables>(migrations))
  const openedTwice = async (): Promise<readonly [World, World]> => {
    const place = `test-${randomUUID()}`
    const first = await open<Tables>(migrations, place)
    const second = first.dialect === 'postgres' ? await open<Tables>(migrations, place) : first
    return [await openedWith(first), await openedWith(second)]
  }
  /** Of a SIM: `number` tells them apart. */
  const happens = (world: World, sim: string, number: number, otherIccid?: string) =>
    world.transaction((records) =>
      tell(world, records, 'HandleSEDeviceChanged', {
        carrier,
        iccid: sim,
        ...(otherIccid !== undefined && { otherIccid }),
        message: { number },
      }),
    )
  const numbers = (heard: readonly Notification[]) => heard.map(({ message }) => message['number'])

  it('is told, each once, and taken', async () => {
    const world = await opened()
    for (const number of [1, 2, 3]) await happens(world, iccid, number)
    const { heard, tellers } = listener()
    while (await tellDue(world, tellers)) assert.ok(heard.length <= 3)
    assert.deepEqual(numbers(heard), [1, 2, 3])
    assert.equal(await world.records.notifications.waiting(carrier), 0)
    assert.ok((await world.records.notifications.ofSim(iccid)).every(({ takenAt }) => takenAt !== undefined))
  })

  it('is not held up by what there is nobody to tell', async () => {
    const world = await opened()
    for (let number = 0; number < 9; number++)
      await world.transaction((records) => tell(world, records, 'setLine', { carrier, iccid, message: { number } }))
    await happens(world, iccid, 10)
    const { heard, tellers } = listener()
    const { setLine: _, removeLine: __, ...spTsm } = tellers
    assert.equal(await tellDue(world, spTsm), true)
    assert.equal(await tellDue(world, spTsm), false)
    assert.deepEqual([numbers(heard), await tellDue(world, {})], [[10], false])
  })

  it('waits behind what is not taken yet, of the same SIM alone', async () => {
    const world = await opened()
    await happens(world, iccid, 1)
    await happens(world, iccid, 2)
    await happens(world, other, 3)
    const { heard, tellers } = listener()
    const deaf = listener(() => new Refusal('peer.unreachable'))
    await tellDue(world, { ...deaf.tellers })
    await tellDue(world, tellers)
    assert.deepEqual(numbers(heard), [], 'all of them wait for their next try')
    later(10_000)
    await tellDue(world, tellers)
    assert.deepEqual(numbers(heard).toSorted(), [1, 3])
    await tellDue(world, tellers)
    assert.deepEqual(numbers(heard).at(-1), 2)
    const [first] = await world.records.notifications.ofSim(iccid)
    assert.deepEqual([first?.tries, first?.trouble], [2, undefined])
  })

  it('keeps the order of two SIMs when one takes the place of the other', async () => {
    const world = await opened()
    await happens(world, iccid, 1, other)
    await happens(world, other, 2)
    const deaf = listener(() => new Refusal('peer.unreachable', 'SP-TSM does not answer.'))
    await tellDue(world, deaf.tellers)
    const [, second] = await world.records.notifications.ofSim(other)
    assert.equal(second?.tries, 0)
    const [first] = await world.records.notifications.ofSim(iccid)
    assert.match(first?.trouble ?? '', /peer.unreachable: SP-TSM does not answer/)
  })

  it('is tried again after ever longer pauses, whatever goes wrong, and under the same id', async () => {
    const world = await opened()
    await happens(world, iccid, 1)
    const troubles = [new Refusal('peer.unreachable'), new Error('a fault'), new Refusal('request.malformed')]
    let tries = 0
    const { heard, tellers } = listener(() => troubles[tries++])
    const pauses: number[] = []
    while (heard.length === 0) {
      if (!(await tellDue(world, tellers))) later(100)
      else if (heard.length === 0) {
        const [one] = await world.records.notifications.ofSim(iccid)
        pauses.push((one?.dueAt.getTime() ?? 0) - clock.now.getTime())
      }
    }
    assert.deepEqual(pauses, [1000, 2000, 4000])
    assert.equal(heard[0]?.id, (await world.records.notifications.ofSim(iccid))[0]?.id)
  })

  it('is told by one process where several look, and by another one when that one dies', async () => {
    const [one, two] = await openedTwice()
    for (let number = 0; number < 6; number++) await happens(one, `89811000000000000${10 + number}`, number)
    const { heard, tellers } = listener()
    await Promise.all([tellDue(one, tellers), tellDue(two, tellers), tellDue(one, tellers), tellDue(two, tellers)])
    assert.deepEqual(numbers(heard).toSorted(), [0, 1, 2, 3, 4, 5])

    await happens(one, iccid, 7)
    const dies: Tellers = { ...tellers, HandleSEDeviceChanged: () => new Promise(() => undefined) }
    void tellDue(one, dies)
    for (;;) {
      const [taken] = await two.records.notifications.ofSim(iccid)
      if (taken?.tries === 1) break
    }
    assert.equal(await tellDue(two, tellers), false, 'the first may still be at it')
    later(61_000)
    await tellDue(two, tellers)
    assert.equal(numbers(heard).at(-1), 7)
  })

  it('is written down with what happened, or neither is', async () => {
    const store = await open<Tables>(migrations)
    const world = await openWorld(keyring, store)
    const cut = store.transaction(async (held) => {
      await tell(world, recordsIn(held), 'HandleSEStatusChange', { carrier, iccid, message: {} })
      throw new Error('power')
    })
    await assert.rejects(cut, /power/)
    assert.deepEqual(await world.records.notifications.ofSim(iccid), [])
  })
})

it('the outbox looks again while there is more, and when it is woken', async () => {
  let more = 3
  let looked = 0
  const outbox = openOutbox(
    async () => {
      looked += 1
      more -= 1
      return more > 0
    },
    (error) => assert.ifError(error),
  )
  outbox.wake()
  await outbox.close()
  assert.ok(looked >= 1)
  const faults: unknown[] = []
  const broken = openOutbox(
    async () => {
      throw new Error('the store is gone')
    },
    (error) => faults.push(error),
  )
  broken.wake()
  await broken.close()
  assert.equal(faults.length, 1)
})
