/** Ids of function calls: one for a call and all its tries, another for the next call. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'
import { deployService, handleActionDoneOnService, terminateService } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type Peer, problemOf } from '@mobile-jpki/service'
import { functionCalls } from '../function-calls.ts'

type Ends = 'lost' | 'refused' | 'fault' | 'done'

/** What MNO-TSM hears, and how each of its answers ends. */
const ids: string[] = []
let ends: Ends[] = []
const octets = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer
const answered = (status: number, value: unknown) => ({ status, arrayBuffer: async () => octets(value) })
const peer: Peer = {
  url: 'https://mno-tsm.example',
  actor: 'mno-tsm',
  fetch: async (_, { body = '' }) => {
    ids.push(JSON.parse(body).functionCall.id)
    const end = ends.shift() ?? 'done'
    if (end === 'lost') throw new TypeError('fetch failed')
    if (end === 'fault') return answered(500, {})
    if (end === 'refused') return answered(409, problemOf(new Refusal('conditions.not-satisfied')))
    return answered(200, { status: 'Executed-Success' })
  },
}

const orderId = randomUUID()
const ask = functionCalls({ peer, carrier: 'carrier-a', newId: randomUUID })
const terminate = (order = orderId) => ask(terminateService, { orderId: order })
const fails = (asking: Promise<unknown>, code?: RefusalCode) =>
  assert.rejects(asking, (error) => error instanceof Refusal && (code === undefined || error.code === code))

beforeEach(() => {
  ids.length = 0
  ends = []
})

describe('a function call', () => {
  it('keeps its id over all tries until there is an answer; the next call has another one', async () => {
    ends = ['lost', 'fault', 'lost', 'done', 'done']
    await fails(terminate(), 'peer.unreachable')
    await fails(terminate())
    await fails(terminate(), 'peer.unreachable')
    await terminate()
    await terminate()
    const [first, ...others] = ids
    assert.deepEqual(others.slice(0, 3), [first, first, first])
    assert.notEqual(others[3], first)
  })

  it('that was refused is over: whoever asks again asks anew', async () => {
    ends = ['refused', 'done']
    await fails(terminate())
    await terminate()
    assert.notEqual(ids[0], ids[1])
  })

  it('is one with what it asks: another order, action or message is another call', async () => {
    ends = Array<Ends>(6).fill('lost')
    const deploy = (octet: number) =>
      ask(deployService, { orderId, iccid: '8981100000000000001', keyTransport: new Uint8Array(65).fill(octet) })
    await fails(terminate())
    await fails(terminate(randomUUID()))
    await fails(ask(handleActionDoneOnService, { orderId, action: 'suspend' }))
    await fails(ask(handleActionDoneOnService, { orderId, action: 'resume' }))
    await fails(deploy(1))
    await fails(deploy(2))
    assert.equal(new Set(ids).size, 6)
    ends = ['lost']
    await fails(deploy(1))
    assert.equal(ids.at(-1), ids[4])
  })

  it('that nobody tries again is forgotten at last', async () => {
    ends = Array<Ends>(1002).fill('lost')
    await fails(terminate())
    for (let at = 0; at < 1000; at++) await fails(terminate(randomUUID()))
    await fails(terminate())
    assert.notEqual(ids.at(-1), ids[0])
  })
})
