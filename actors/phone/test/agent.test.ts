/** The proxy agent against TSMs that do what the test says: visits, breaks, restarts. GlobalPlatform SERAM; docs/protocols/agent.md. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Order } from '@mobile-jpki/seram/contract'
import { ring } from '@mobile-jpki/trace'
import { agent, type Visits } from '../domain/agent.ts'
import { iccidOf } from '../domain/own-sim.ts'
import { emptySlot } from '../domain/slot.ts'
import type { Report, Tsm, Visit } from '../domain/visit.ts'
import { echo, iccid, refused, testCard } from './card.ts'

const sp: Visit = { url: 'https://sp', sessionId: 'session at sp', tsm: 'sp-tsm' }
const mno: Visit = { url: 'https://mno', sessionId: 'session at mno', tsm: 'mno-tsm' }
const visit: Order = { order: 'visit', url: mno.url, sessionId: mno.sessionId }
const stop: Order = { order: 'stop' }
const trouble = (code: RefusalCode): Order => ({ order: 'stop', trouble: { code, detail: `because of ${code}` } })
const run = (batch: number, ...commands: Uint8Array[]): Order => ({
  order: 'run',
  batch,
  step: '⑱',
  commands,
  what: commands.map((_, at) => `COMMAND ${at}`),
})
const turn = () => new Promise((resolve) => setImmediate(resolve))
const gone = new Refusal('peer.unreachable', 'nobody there')

/** What a TSM answers to one call; `hello` to a handshake that brings no order yet. */
type Answer = 'hello' | Order | Refusal | Error

/** Both TSMs, each with its answers in order. Whoever asks for more waits for ever. */
function tsms(answers: Record<'sp-tsm' | 'mno-tsm', Answer[]>) {
  const heard: string[] = []
  const reports: (Report | undefined)[] = []
  const next = async (name: Visit['tsm'], asked: string): Promise<Answer> => {
    heard.push(`${name} ${asked}`)
    if (asked === 'report' && answers[name][0] === 'hello') return new Promise(() => {})
    const answer = answers[name].shift()
    if (answer instanceof Error) throw answer
    return answer ?? new Promise(() => {})
  }
  const tsm: Tsm = {
    handshake: async ({ tsm: name, sessionId }, seId) => {
      assert.deepEqual([sessionId, seId], [(name === 'sp-tsm' ? sp : mno).sessionId, iccid])
      const answer = await next(name, 'handshake')
      return answer === 'hello' ? undefined : (answer as Order)
    },
    report: async ({ tsm: name }, report, signal) => {
      reports.push(report)
      const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(gone)))
      return (await Promise.race([next(name, 'report'), ended])) as Order
    },
  }
  return { heard, reports, tsm }
}

interface Changes {
  readonly sp?: Answer[]
  readonly mno?: Answer[]
  readonly remembered?: readonly Visit[]
  readonly card?: ReturnType<typeof testCard> | undefined
}

async function phoneWith({ sp: spAnswers = [], mno: mnoAnswers = [], remembered = [], card = testCard() }: Changes) {
  const slot = emptySlot()
  await slot.put(card)
  let kept = remembered
  const saved: string[] = []
  const visits: Visits = {
    load: async () => kept,
    save: async (now) => {
      kept = now
      saved.push(now.map(({ tsm }) => tsm).join(' '))
    },
  }
  const rests: number[] = []
  const trace = ring()
  const scripted = tsms({ 'sp-tsm': [...spAnswers], 'mno-tsm': [...mnoAnswers] })
  const one = agent({
    slot,
    iccid: iccidOf(slot),
    tsm: scripted.tsm,
    visits,
    now: () => new Date(),
    trace,
    pause: async (milliseconds) => {
      rests.push(milliseconds)
      await turn()
    },
  })
  /** Until the agent comes to rest. */
  const ended = async () => {
    for (let turns = 0; turns < 5000 && ['working', 'waiting'].includes(one.state.state); turns++) await turn()
    return one.state
  }
  return { one, ended, saved, rests, trace, slot, card, visits: () => kept, ...scripted }
}

describe('the agent', () => {
  it('runs batches on a logical channel of its own, and says of each APDU who sent what', async () => {
    const { one, ended, reports, card, trace, saved } = await phoneWith({
      sp: ['hello', run(1, echo(1), echo(2)), { order: 'wait', milliseconds: 70 }, run(2, echo(3)), stop],
    })
    assert.equal(one.state.state, 'idle')
    await one.start(sp)
    const { state, apdus, octets } = await ended()
    assert.deepEqual([state, apdus, octets], ['done', 3, 3 * (4 + 3)])
    const hex = (report: Report | undefined) => report && [report.batch, ...report.responses.map((one) => one.toHex())]
    assert.deepEqual(reports.map(hex), [undefined, [1, '019000', '029000'], undefined, [2, '039000']])
    assert.deepEqual([...card.channels], [0])
    assert.deepEqual(saved, ['sp-tsm', ''])
    assert.deepEqual(
      trace.entries().map(({ step, from, to, what }) => [step, from, to, what]),
      ['COMMAND 0', 'COMMAND 1', 'COMMAND 0'].map((what) => ['⑱', 'sp-tsm', 'jpki-applet', what]),
    )
  })
  it('stops a batch behind the first refused command', async () => {
    const { one, ended, reports } = await phoneWith({ sp: ['hello', run(1, echo(1), refused, echo(2)), stop] })
    await one.start(sp)
    await ended()
    assert.deepEqual(
      reports[1]?.responses.map((response) => response.toHex()),
      ['019000', '6d00'],
    )
  })
  it('says how much of the list under way is in the card', async () => {
    const { one, ended } = await phoneWith({ sp: ['hello', run(1, echo(1)), run(2, echo(1), refused, echo(2)), stop] })
    await one.start(sp)
    const [first, second, third] = [echo(1), refused, echo(2)].map(({ length }) => length)
    assert.deepEqual((await ended()).list, {
      step: '⑱',
      octets: (first ?? 0) + (second ?? 0) + (third ?? 0),
      carried: (first ?? 0) + (second ?? 0),
    })
  })
  it('visits another TSM, comes back, and remembers at every step where it is', async () => {
    const { one, ended, heard, saved } = await phoneWith({
      sp: ['hello', visit, 'hello', run(3, echo(3)), stop],
      mno: ['hello', run(2, echo(2)), stop],
    })
    await one.start(sp)
    assert.equal((await ended()).state, 'done')
    assert.deepEqual(saved, ['sp-tsm', 'sp-tsm mno-tsm', 'sp-tsm', ''])
    assert.deepEqual(
      heard.map((line) => line.split(' ')[0]),
      ['sp-tsm', 'sp-tsm', 'mno-tsm', 'mno-tsm', 'mno-tsm', 'sp-tsm', 'sp-tsm', 'sp-tsm'],
    )
  })
  it('goes on after a restart where it was, and does nothing when nothing was left', async () => {
    const { one, ended, heard } = await phoneWith({ remembered: [sp, mno], sp: ['hello', stop], mno: ['hello', stop] })
    await one.resume()
    assert.equal((await ended()).state, 'done')
    assert.deepEqual(heard, ['mno-tsm handshake', 'mno-tsm report', 'sp-tsm handshake', 'sp-tsm report'])
    const idle = await phoneWith({})
    await idle.one.resume()
    assert.deepEqual([idle.one.state.state, idle.heard], ['idle', []])
  })
})

describe('an order that comes with the handshake', () => {
  it('is carried out at once, or leads away at once, without a channel', async () => {
    const { one, ended, heard, card } = await phoneWith({ sp: [visit, run(1, echo(1)), stop], mno: [stop] })
    await one.start(sp)
    assert.equal((await ended()).state, 'done')
    assert.deepEqual(heard, ['sp-tsm handshake', 'mno-tsm handshake', 'sp-tsm handshake', 'sp-tsm report'])
    assert.deepEqual([...card.channels], [0])
  })
})

describe('a break', () => {
  it('repeats the report whose answer was lost, on the same channel, without a new handshake', async () => {
    const { one, ended, reports, heard } = await phoneWith({
      sp: ['hello', run(1, echo(1)), gone, gone, run(2, echo(2)), stop],
    })
    await one.start(sp)
    assert.equal((await ended()).state, 'done')
    assert.deepEqual(
      reports.map((report) => report?.batch),
      [undefined, 1, 1, 1, 2],
    )
    assert.equal(heard.filter((line) => line.endsWith('handshake')).length, 1)
  })
  it('begins with a new handshake when the TSM was away for long or has forgotten the conversation', async () => {
    const forgotten = new Refusal('conditions.not-satisfied', 'begin with a handshake')
    const { one, ended, rests, card } = await phoneWith({
      sp: ['hello', gone, gone, gone, gone, gone, gone, gone, gone, 'hello', forgotten, 'hello', run(1, echo(1)), stop],
    })
    await one.start(sp)
    const { state, trouble: left } = await ended()
    assert.deepEqual([state, left], ['done', undefined])
    assert.deepEqual(rests, [200, 400, 800, 1600, 3200, 200, 400, 800, 1600], 'less and less often')
    assert.deepEqual([...card.channels], [0], 'no channel is left open')
  })
  it('waits for a card that was reset in the middle of a batch', async () => {
    const { one, ended, slot, heard } = await phoneWith({
      sp: ['hello', run(1, echo(1), echo(2), echo(3)), 'hello', run(2, echo(1)), stop],
    })
    await one.start(sp)
    while (one.state.apdus === 0) await turn()
    await slot.shared.reset()
    assert.equal((await ended()).state, 'done')
    assert.equal(heard.filter((line) => line.endsWith('handshake')).length, 2)
  })
  it('tells what it waits for', async () => {
    const { one, slot } = await phoneWith({ sp: ['hello'] })
    slot.remove()
    await one.start(sp)
    while (one.state.state !== 'waiting') await turn()
    assert.equal(one.state.trouble?.code, 'card.absent')
    await one.stop()
    assert.equal(one.state.state, 'idle')
  })
})

describe('trouble', () => {
  it('that will not pass ends it, and nothing is remembered', async () => {
    for (const answers of [
      ['hello', trouble('card.refused')],
      [new Refusal('card.refused', 'because of card.refused')],
      ['hello', new Refusal('card.refused', 'because of card.refused')],
    ] satisfies Answer[][]) {
      const { one, ended, visits } = await phoneWith({ sp: answers })
      await one.start(sp)
      const { state, trouble: told } = await ended()
      assert.deepEqual([state, told], ['failed', { code: 'card.refused', detail: 'because of card.refused' }])
      assert.deepEqual(visits(), [])
    }
  })
  it('that may pass is waited for, ten times', async () => {
    const once = await phoneWith({ sp: ['hello', trouble('peer.unreachable'), 'hello', stop] })
    await once.one.start(sp)
    assert.equal((await once.ended()).state, 'done')
    const often = Array.from({ length: 10 }, (): Answer[] => ['hello', trouble('peer.unreachable')]).flat()
    const always = await phoneWith({ sp: often })
    await always.one.start(sp)
    const { state, trouble: told } = await always.ended()
    assert.deepEqual([state, told?.code, always.visits()], ['failed', 'peer.unreachable', []])
  })
  it('at a visited TSM is told to the one that sent it there, and never turns into a race between them', async () => {
    const { one, ended, rests } = await phoneWith({
      sp: ['hello', visit, 'hello', visit, 'hello', trouble('sim.not-eligible')],
      mno: ['hello', trouble('sim.not-eligible'), new Refusal('reference.not-found')],
    })
    await one.start(sp)
    const { state, trouble: told } = await ended()
    assert.deepEqual([state, told?.code], ['failed', 'sim.not-eligible'])
    assert.deepEqual(rests, [400, 800])
  })
  it('of its own is told as no more than that', async () => {
    const { one, ended, visits } = await phoneWith({ sp: ['hello', new Error('session at sp is 1234')] })
    await one.start(sp)
    const { state, trouble: told } = await ended()
    assert.deepEqual([state, told, visits()], ['failed', { code: 'peer.failed', detail: 'The agent failed.' }, []])
  })
})

describe('there is one agent', () => {
  it('however often it is started: a later start takes the place of the earlier one', async () => {
    const { one, heard, card } = await phoneWith({ sp: ['hello', 'hello', 'hello', 'hello'] })
    await Promise.all([one.start(sp), one.resume(), one.start(sp)])
    await one.start(sp)
    while (!heard.includes('sp-tsm report')) await turn()
    for (let turns = 0; turns < 50; turns++) await turn()
    assert.deepEqual([...card.channels], [0, 1])
    await one.stop()
    assert.deepEqual([one.state.state, [...card.channels]], ['idle', [0]])
  })
  it('lets go of a report at once when it is stopped, and of its channel', async () => {
    const { one, card } = await phoneWith({ sp: ['hello'] })
    await one.start(sp)
    while (!card.channels.has(1)) await turn()
    await one.stop()
    assert.deepEqual([one.state.state, [...card.channels]], ['idle', [0]])
  })
  it('remembers over a stop: a phone that is switched off goes on later', async () => {
    const { one, visits } = await phoneWith({ sp: ['hello'] })
    await one.start(sp)
    await one.stop()
    assert.deepEqual(visits(), [sp])
  })
})
