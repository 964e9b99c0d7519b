import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { SW } from '@mobile-jpki/iso7816'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { Abandoned, type ConversationsWorld, type Element, type Stage } from '../index.ts'
import { execute, iccid, instruction, sessionId, tsm } from './scripted-agent.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

async function open(t: TestContext, stage: Stage, world: Partial<ConversationsWorld> = {}) {
  const find = async (id: string) => (id === sessionId ? { seId: iccid, stage } : undefined)
  const one = await tsm({ find, pollMilliseconds: 5_000, ...world })
  t.after(one.close)
  return one
}

/** Two batches, and what the card answered to them. */
const twoBatches =
  (answers: number[][]): Stage =>
  async (element) => {
    for (const batch of [[1, 2], [3]])
      answers.push((await element.send(batch.map(instruction), '⑮')).map(({ data, sw }) => data[0] ?? sw))
    return { outcome: 'done' }
  }

describe('conversation with an agent, GlobalPlatform SERAM', () => {
  it('hands a stage the responses to each batch and stops the agent at the end', async (t) => {
    const answers: number[][] = []
    const { greet, report } = await open(t, twoBatches(answers))
    const { next: first, ...greeting } = await greet()
    assert.deepEqual(greeting, { version: '2.0', seId: iccid })
    assert.deepEqual(await report(), first, 'the first order comes with the greeting, and again to whoever asks')
    assert.ok(first?.order === 'run')
    assert.deepEqual(first.what, ['COMMAND 1', 'COMMAND 2'])
    assert.equal(first.step, '⑮')
    const second = await report(execute(first))
    assert.deepEqual(await report(execute(second)), { order: 'stop' })
    assert.deepEqual(answers, [[1, 2], [3]])
  })

  it('gives the same order again when its reply was lost, and takes a report once', async (t) => {
    const answers: number[][] = []
    const { greet, report } = await open(t, twoBatches(answers))
    await greet()
    const first = await report()
    assert.deepEqual(await report(), first)
    const second = await report(execute(first))
    assert.deepEqual(await report(execute(first)), second)
    assert.deepEqual(await report(), second)
    assert.deepEqual(await report(execute(second)), { order: 'stop' })
    assert.deepEqual(await report(execute(second)), { order: 'stop' })
    assert.deepEqual(answers, [[1, 2], [3]])
  })

  it('tells a stage where the card stopped', async (t) => {
    const answers: number[][] = []
    const { greet, report } = await open(t, twoBatches(answers))
    await greet()
    await report(execute(await report(), () => ({ sw: SW.conditionsOfUseNotSatisfied })))
    assert.deepEqual(answers, [[SW.conditionsOfUseNotSatisfied]])
  })

  it('begins the stage again after a handshake, and lets the old run go first', async (t) => {
    const runs: string[] = []
    const { greet, report } = await open(t, async (element) => {
      const run = runs.filter((event) => event === 'begin').length
      runs.push('begin')
      try {
        await element.send([instruction(run)], '⑮')
        return { outcome: 'done' }
      } finally {
        runs.push(element.signal.aborted ? 'let go' : 'end')
      }
    })
    await greet()
    const stale = await report()
    await greet()
    const fresh = await report()
    assert.ok(stale.order === 'run' && fresh.order === 'run' && fresh.batch > stale.batch)
    assert.deepEqual(await report(execute(stale)), fresh, 'a report from before the break is no answer')
    assert.deepEqual(await report(execute(fresh)), { order: 'stop' })
    assert.deepEqual(runs, ['begin', 'let go', 'begin', 'end'])
  })

  it('rejects whatever an abandoned run still wants to send', async (t) => {
    const held = Promise.withResolvers<Element>()
    const { greet } = await open(t, async (element) => {
      held.resolve(element)
      await element.until(new Promise(() => {}))
      return { outcome: 'done' }
    })
    await greet()
    const element = await held.promise
    await greet()
    await assert.rejects(element.send([instruction(1)], '⑮'), Abandoned)
    await assert.rejects(element.until(Promise.resolve()), Abandoned)
  })

  it('keeps the agent waiting while a stage waits for something else', async (t) => {
    const pin = Promise.withResolvers<void>()
    const stage: Stage = async (element) => {
      await element.until(pin.promise)
      await element.send([instruction(1)], '⑱')
      return { outcome: 'done' }
    }
    const { greet, report } = await open(t, stage, { pollMilliseconds: 1 })
    await greet()
    assert.deepEqual(await report(), { order: 'wait', milliseconds: 0 })
    pin.resolve()
    let order = await report()
    while (order.order === 'wait') order = await report()
    assert.ok(order.order === 'run' && order.step === '⑱')
  })

  it('answers a waiting poll at once when the agent begins again', async (t) => {
    const { greet, report } = await open(t, async (element) => element.until(new Promise(() => {})))
    await greet()
    const poll = report()
    await greet()
    assert.deepEqual(await poll, { order: 'wait', milliseconds: 0 })
  })

  it('sends the agent to another TSM', async (t) => {
    const visit = { url: 'https://127.0.0.1:1/', sessionId: '00000000-0000-4000-8000-000000000002' }
    const { greet, report } = await open(t, async () => ({ outcome: 'visit', ...visit }))
    await greet()
    assert.deepEqual(await report(), { order: 'visit', ...visit })
  })

  it('stops the agent with the refusal that a stage returns or throws', async (t) => {
    const trouble = new Refusal('card.refused', 'INSTALL: 6A84 There is not enough memory.')
    for (const stage of [async () => ({ outcome: 'stop', trouble }) as const, async () => Promise.reject(trouble)]) {
      const { greet, report } = await open(t, stage)
      await greet()
      assert.deepEqual(await report(), { order: 'stop', trouble: { code: 'card.refused', detail: trouble.message } })
    }
  })

  it('says no more than that it failed when a stage has a fault, and tells the fault at home', async (t) => {
    const faults: unknown[] = []
    const fault = new Error('database password: hunter2')
    const { greet, report } = await open(t, () => Promise.reject(fault), { onFault: (error) => faults.push(error) })
    await greet()
    const order = await report()
    assert.ok(order.order === 'stop' && order.trouble?.code === 'internal')
    assert.doesNotMatch(order.trouble.detail, /hunter2/)
    assert.deepEqual(faults, [fault])
  })

  it('stops the agent whose card is gone', async (t) => {
    const { greet, report } = await open(t, twoBatches([]))
    await greet()
    const order = await report()
    assert.ok(order.order === 'run')
    const next = await report({ batch: order.batch, responses: [], cardAbsent: true })
    assert.ok(next.order === 'stop' && next.trouble?.code === 'card.absent')
  })

  it('forgets a silent agent, and begins again when it comes back', async (t) => {
    const begun: AbortSignal[] = []
    const gone = Promise.withResolvers<void>()
    const stage: Stage = async (element) => {
      begun.push(element.signal)
      element.signal.addEventListener('abort', () => gone.resolve())
      await element.send([instruction(1)], '⑮')
      return { outcome: 'done' }
    }
    const { greet, report } = await open(t, stage, { silenceMilliseconds: 50 })
    await greet()
    await gone.promise
    await assert.rejects(report(), refusedWith('conditions.not-satisfied'))
    await greet()
    const order = await report().catch(() => undefined)
    assert.ok(begun.length === 2 && begun[0]?.aborted)
    assert.ok(order === undefined || order.order === 'run', 'on a slow machine it is forgotten once more')
  })

  it('refuses an unknown session, another SIM, and a report without a handshake', async (t) => {
    const { greet, report } = await open(t, twoBatches([]))
    const unknown = '00000000-0000-4000-8000-00000000dead'
    await assert.rejects(greet(iccid, unknown), refusedWith('reference.not-found'))
    await assert.rejects(report(undefined, unknown), refusedWith('reference.not-found'))
    await assert.rejects(greet('8981100000000000999'), refusedWith('sim.not-the-named-one'))
    await assert.rejects(report(), refusedWith('conditions.not-satisfied'))
  })

  it('refuses a report with no response or with too many, and keeps the batch', async (t) => {
    const { greet, report } = await open(t, twoBatches([]))
    await greet()
    const order = await report()
    assert.ok(order.order === 'run')
    const { batch, responses } = execute(order)
    await assert.rejects(report({ batch, responses: [] }), refusedWith('request.malformed'))
    await assert.rejects(report({ batch, responses: [...responses, ...responses] }), refusedWith('request.malformed'))
    assert.deepEqual(await report(), order)
  })
})
