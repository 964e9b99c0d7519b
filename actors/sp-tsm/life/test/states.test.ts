/** Lives and tasks: every state × every event; what each event does to a life; and the document that shows the table of plans. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { lifeEvents, lifeStates, taskStates } from '../../contract/life.ts'
import { lifeWith } from '../ask.ts'
import { after, endedBy, type Life, lifeChanges, reminderAfter, resumedFrom, stoppedBy, transitions } from '../life.ts'
import { planOf } from '../plans.ts'
import { setBack, type Task, after as taskAfter, taskEvents, transitions as taskTransitions } from '../task.ts'

const refused = (code: string) => ({ name: 'Refusal', code })
const day = 86_400_000
const notAfter = new Date('2031-04-01T14:59:59.000Z')

const life: Life = {
  orderId: '5b0c9a52-55a3-4d5d-9f1e-64b1d1a3e0aa',
  state: 'inUse',
  serialNumber: '4f',
  notAfter,
  carrier: 'carrier-a',
  iccid: '89811000000000000129',
  msisdn: '09000000001',
  begunAt: new Date('2026-04-01T03:00:00Z'),
  stops: [],
  bound: true,
  wrongTries: 0,
  visit: new Uint8Array(32),
}

describe('the life of a certificate', () => {
  for (const from of lifeStates)
    for (const change of lifeChanges) {
      const to = transitions[from][change]
      it(to === undefined ? `refuses to ${change} what is ${from}` : `${from} ─${change}→ ${to}`, () => {
        if (to === undefined) assert.throws(() => after(change, from), Refusal)
        else assert.equal(after(change, from), to)
      })
    }

  it('is in use again when the last of its stops is lifted, and each by its own', () => {
    const both = stoppedBy(stoppedBy(life, 'stop'), 'lineSuspended')
    assert.deepEqual([both.state, both.stops], ['stopped', ['stop', 'lineSuspended']])
    const found = resumedFrom(both, ['stop', 'simLost'])
    assert.deepEqual([found.state, found.stops], ['stopped', ['lineSuspended']])
    assert.equal(resumedFrom(found, ['lineSuspended']).state, 'inUse')
    assert.deepEqual(stoppedBy(both, 'stop').stops, ['lineSuspended', 'stop'], 'said again, it stands once')
  })

  it('is not resumed by what did not stop it, nor when it was not stopped', () => {
    const suspended = stoppedBy(life, 'lineSuspended')
    assert.throws(() => resumedFrom(suspended, ['stop']), refused('conditions.not-satisfied'))
    assert.throws(() => resumedFrom(life, ['stop']), refused('conditions.not-satisfied'))
  })

  it('ends once, and has no reminder any more', () => {
    const reminder = reminderAfter(notAfter, life.begunAt)
    const ended = endedBy({ ...life, ...(reminder && { reminder }) }, 'giveUp')
    assert.deepEqual([ended.state, ended.endedBy, ended.reminder], ['ended', 'giveUp', undefined])
    for (const event of lifeEvents) {
      if (planOf(event).life === undefined) continue
      assert.throws(() => lifeWith(event, ended), refused('certificate.revoked'), event)
    }
  })

  it('lets a PIN be reset while it is in use, and says why not while it is stopped', () => {
    assert.equal(lifeWith('pinReset', life), life)
    assert.throws(() => lifeWith('pinReset', stoppedBy(life, 'stop')), refused('certificate.on-hold'))
  })

  it('is reminded of at 90, 30 and 7 days, and ends at 0: always the next that is ahead', () => {
    const ahead = (days: number) => reminderAfter(notAfter, new Date(notAfter.getTime() - days * day))?.days
    assert.deepEqual([400, 91, 90, 31, 30, 8, 7, 1, 0].map(ahead), [90, 90, 30, 30, 7, 7, 0, 0, undefined])
  })
})

describe('a task', () => {
  for (const from of taskStates)
    for (const event of taskEvents) {
      const to = taskTransitions[from][event]
      it(to === undefined ? `refuses to ${event} what is ${from}` : `${from} ─${event}→ ${to}`, () => {
        if (to === undefined) assert.throws(() => taskAfter(event, from), Refusal)
        else assert.equal(taskAfter(event, from), to)
      })
    }

  it('is tried again later and later, up to an hour', () => {
    const now = new Date('2026-04-01T03:00:00Z')
    const task: Task = {
      ...{ id: life.orderId, orderId: life.orderId, event: 'stop', state: 'atJpki', askedAt: now },
      ...{ particulars: {}, tries: 0 },
    }
    const rests: number[] = []
    let one = task
    for (let tries = 0; tries < 14; tries++) {
      one = setBack(one, { code: 'peer.unreachable', detail: '' }, now)
      rests.push(((one.due?.getTime() ?? 0) - now.getTime()) / 1000)
    }
    assert.deepEqual(rests.slice(0, 4), [2, 4, 8, 16])
    assert.equal(rests.at(-1), 3600)
  })
})

describe('the plans', () => {
  it('are those of docs/protocols/life-events.md', async () => {
    const file = join(import.meta.dirname, '../../../../docs/protocols/life-events.md')
    const text = await readFile(file, 'utf8')
    const shown = [...text.matchAll(/^\| `(\w+)` \|[^|]*\| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)].map(
      ([, event, lifeChange, jpki, sim, mail]) => [event, lifeChange, jpki, sim, mail].join(' '),
    )
    const dash = (text: string | undefined) => text ?? '–'
    const planned = lifeEvents.map((event) => {
      const { life: change, jpki, sim, letter, letterAfterSim } = planOf(event)
      const mail = [letter, letterAfterSim].filter((one) => one !== undefined).join(', ')
      return [event, dash(change), dash(jpki), dash(sim), mail === '' ? '–' : mail].join(' ')
    })
    assert.deepEqual(shown, planned)
  })
})
