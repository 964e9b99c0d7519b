/** What processes share of the way to a SIM, on both databases. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import { type AirTables, airRecordsIn, overTheAir } from '../../store/over-the-air.ts'

const iccid = '8981200000000000015'
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + 1000 * seconds)

contractOf('the records of the bearers', (open) => {
  const records = async (place?: string) => airRecordsIn(await open<AirTables>([overTheAir], place))

  it('count up for each SIM, and give no counter twice', async () => {
    const { counters } = await records()
    const given = await Promise.all(Array.from({ length: 20 }, () => counters.next(iccid)))
    assert.deepEqual(
      given.toSorted((one, other) => one - other),
      given.map((_, index) => index + 1),
    )
    assert.equal(await counters.next('8981200000000000023'), 1)
  })

  it('count on in another process', async () => {
    const place = `counting-${randomUUID()}`
    await (await records(place)).counters.next(iccid)
    assert.equal(await (await records(place)).counters.next(iccid), 2)
  })

  it('lend a SIM to one holder at a time', async () => {
    const { leases } = await records()
    assert.equal(await leases.take({ iccid, holder: 'one', until: at(60) }, at(0)), true)
    assert.equal(await leases.take({ iccid, holder: 'other', until: at(60) }, at(1)), false)
    assert.equal(await leases.take({ iccid, holder: 'one', until: at(90) }, at(30)), true, 'for longer')
    assert.equal(await leases.take({ iccid, holder: 'other', until: at(120) }, at(89)), false)
    assert.equal(await leases.take({ iccid, holder: 'other', until: at(150) }, at(90)), true, 'the time is over')
    await leases.release(iccid, 'one')
    assert.equal(await leases.take({ iccid, holder: 'one', until: at(200) }, at(91)), false, 'it is not one’s to give')
    await leases.release(iccid, 'other')
    assert.equal(await leases.take({ iccid, holder: 'one', until: at(200) }, at(92)), true)
  })

  it('know one open conversation of an order, and forget the scripts of an earlier one', async () => {
    const { conversations, scripts } = await records()
    const [first, second, orderId] = [randomUUID(), randomUUID(), randomUUID()]
    const conversation = { orderId, iccid, bearer: 'scp80', validUntil: at(60), state: 'open' } as const
    assert.deepEqual(await conversations.begin({ ...conversation, id: first }), [])
    assert.deepEqual(await conversations.find(first), { ...conversation, id: first })
    const functionCall = randomUUID()
    await scripts.begin({ functionCall, conversation: first, fingerprint: Uint8Array.of(1) })
    assert.deepEqual(await conversations.begin({ ...conversation, id: second }), [first])
    assert.equal((await conversations.find(first))?.state, 'over')
    assert.equal((await conversations.find(second))?.state, 'open')
    assert.equal(await scripts.find(functionCall), undefined)
    await conversations.end(second)
    assert.equal((await conversations.find(second))?.state, 'over')
  })

  it('begin a script once, and keep what came of it', async () => {
    const { scripts } = await records()
    const script = { functionCall: randomUUID(), conversation: randomUUID(), fingerprint: Uint8Array.of(1, 2) }
    assert.equal(await scripts.begin(script), true)
    assert.equal(await scripts.begin(script), false)
    assert.deepEqual(await scripts.find(script.functionCall), script)
    const outcome = { responses: [Uint8Array.of(0x90, 0x00)] }
    await scripts.finish(script.functionCall, outcome)
    assert.deepEqual(await scripts.find(script.functionCall), { ...script, outcome })
    const refused = { refusal: { code: 'card.absent', message: 'The SIM did not answer.' } } as const
    await scripts.finish(script.functionCall, refused)
    assert.deepEqual((await scripts.find(script.functionCall))?.outcome, refused)
  })
})
