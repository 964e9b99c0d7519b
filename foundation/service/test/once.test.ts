/** The same request under the same Idempotency-Key is done once. draft-ietf-httpapi-idempotency-key-header-07. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import {
  type Answers,
  call,
  connectTo,
  endpoint,
  type KeptAnswer,
  type Listening,
  listen,
  type Peer,
  serve,
} from '../index.ts'
import { openTown } from './town.ts'

const pay = endpoint({
  name: 'pay',
  method: 'POST',
  path: '/accounts/:name/payments',
  callers: ['sp-tsm', 'municipality'],
  idempotencyKey: true,
  request: z.object({
    name: z.string(),
    yen: z.int(),
    note: z.object({ from: z.string(), to: z.string() }).optional(),
  }),
  reply: z.object({ payment: z.int(), yen: z.int() }),
  status: 201,
})
const refund = endpoint({ ...pay, name: 'refund', path: '/accounts/:name/refunds' })
const greet = endpoint({
  name: 'greet',
  method: 'POST',
  path: '/greetings',
  callers: ['sp-tsm'],
  request: z.object({}),
  reply: z.object({ times: z.int() }),
})

describe('an act under an Idempotency-Key', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  let server: Listening
  let spTsm: Peer & { close(): Promise<void> }
  let municipality: Peer & { close(): Promise<void> }
  let payments = 0
  let trouble: 'none' | 'refusal' | 'twin' | 'fault' = 'none'
  const kept = new Map<string, KeptAnswer>()
  const answers: Answers = { find: async (caller, key) => kept.get(`${caller} ${key}`) }
  /** As a transaction does: the act and its answer, or neither. */
  const commit = (answer: KeptAnswer | undefined) => {
    if (answer !== undefined) kept.set(`${answer.caller} ${answer.key}`, answer)
  }

  before(async () => {
    town = await openTown()
    const tls = { ...(await town.certificates.identityOf('mno-tsm')), requireClient: true }
    server = await listen({
      actor: 'mno-tsm',
      port: 0,
      tls,
      answers,
      log: 'silent',
      routes: [
        ...[pay, refund].map((one) =>
          serve(one, async ({ yen }, { keep }) => {
            await new Promise((resolve) => setImmediate(resolve))
            if (trouble === 'refusal') throw new Refusal('conditions.not-satisfied')
            const reply = { payment: payments + 1, yen }
            // What another process did in the meantime.
            if (trouble === 'twin') commit(keep?.({ ...reply, payment: 77 }))
            if (trouble === 'twin') throw new Refusal('certificate.already-revoked')
            if (trouble === 'fault') throw new Error('the disk is full')
            payments += 1
            commit(keep?.(reply))
            return reply
          }),
        ),
        serve(greet, () => ({ times: ++payments })),
      ],
    })
    const as = async (actor: 'sp-tsm' | 'municipality') =>
      connectTo({ url: server.url, actor: 'mno-tsm', as: actor, tls: await town.certificates.identityOf(actor) })
    spTsm = await as('sp-tsm')
    municipality = await as('municipality')
  })
  after(async () => {
    await Promise.all([spTsm.close(), municipality.close(), server.close()])
    await town.close()
  })
  beforeEach(() => {
    payments = 0
    trouble = 'none'
    kept.clear()
  })

  const asked = { name: 'hanako', yen: 500 }
  const under = (idempotencyKey: string, peer: Peer = spTsm, request = asked) =>
    call(peer, pay, request, { idempotencyKey })
  const send = async (body: string, key: string) => {
    const fetch = spTsm.fetch as NonNullable<Peer['fetch']>
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    const init = { method: 'POST', headers, body, signal: AbortSignal.timeout(9000) }
    const reply = (await fetch(`${server.url}/accounts/hanako/payments`, init)) as unknown as Response
    return { status: reply.status, headers: reply.headers, body: await reply.text() }
  }

  it('is done once, and answered with the very same octets again', async () => {
    const first = await send('{"yen":500}', '"k-1"')
    const again = await send('{"yen":500}', '"k-1"')
    assert.deepEqual(
      [first.status, first.body, first.headers.get('idempotency-replayed')],
      [201, '{"payment":1,"yen":500}', null],
    )
    assert.deepEqual([again.status, again.body, again.headers.get('idempotency-replayed')], [201, first.body, 'true'])
    assert.equal(payments, 1)
    assert.notEqual(first.headers.get('request-id'), again.headers.get('request-id'))
  })

  it('is done as often as it is asked for without a key', async () => {
    for (const payment of [1, 2]) assert.deepEqual(await call(spTsm, pay, asked), { payment, yen: 500 })
  })

  it('is the same in whatever order its fields stand', async () => {
    await send('{"yen":5,"note":{"from":"a","to":"b"}}', '"k-1"')
    const again = await send('{"note":{"to":"b","from":"a"},"yen":5}', '"k-1"')
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed'), payments], [201, 'true', 1])
  })

  it('is refused where the key stands for another request, or for one to another endpoint', async () => {
    await under('k-1')
    await assert.rejects(under('k-1', spTsm, { ...asked, yen: 501 }), { code: 'request.key-reused' })
    await assert.rejects(under('k-1', spTsm, { ...asked, name: 'taro' }), { code: 'request.key-reused' })
    await assert.rejects(call(spTsm, refund, asked, { idempotencyKey: 'k-1' }), { code: 'request.key-reused' })
    assert.equal(payments, 1)
  })

  it('is another for another caller', async () => {
    assert.deepEqual(
      [await under('k-1'), await under('k-1', municipality)],
      [
        { payment: 1, yen: 500 },
        { payment: 2, yen: 500 },
      ],
    )
  })

  it('is done once when it is asked for many times at once', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => under('k-1')))
    assert.deepEqual([new Set(replies.map(({ payment }) => payment)), payments], [new Set([1]), 1])
  })

  it('may be asked for again after a refusal or a fault, which changed nothing', async () => {
    trouble = 'refusal'
    await assert.rejects(under('k-1'), { code: 'conditions.not-satisfied' })
    trouble = 'fault'
    await assert.rejects(under('k-1'), { code: 'peer.failed' })
    trouble = 'none'
    assert.deepEqual(await under('k-1'), { payment: 1, yen: 500 })
  })

  it('is answered as another process answered it that was faster', async () => {
    trouble = 'twin'
    assert.deepEqual(await under('k-1'), { payment: 77, yen: 500 })
  })

  for (const [what, key] of Object.entries({
    'has no quotes': 'k-1',
    'is empty': '""',
    'is too long': `"${'x'.repeat(65)}"`,
    'holds a space': '"a b"',
    'holds what is not ASCII': '"\u00e9"',
    'is two': '"a", "b"',
  }))
    it(`is refused when its key ${what}`, async () => {
      const { status, body } = await send('{"yen":500}', key)
      assert.deepEqual([status, JSON.parse(body).type, payments], [400, 'urn:jpki:problem:request.malformed', 0])
    })

  it('is not known to an endpoint that does not declare it', async () => {
    for (const times of [1, 2]) assert.deepEqual(await call(spTsm, greet, {}, { idempotencyKey: 'k-1' }), { times })
  })
})
