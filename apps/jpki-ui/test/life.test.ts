/** What a life means for the person: each way in which it may stand, and what is said about it. docs/protocols/life-events.md. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { lifeEvents, taskStates } from '@mobile-jpki/sp-tsm/contract'
import { concerns, concernsOf, isMsisdn, type Life, loginIn, plainMsisdn } from '../domain/index.ts'
import { texts } from '../texts/index.ts'

const day = 86_400_000
const now = new Date('2026-04-01T00:00:00Z')

const lifeWith = (changes: Partial<Life>): Life => ({
  orderId: randomUUID(),
  state: 'inUse',
  serialNumber: '01',
  notAfter: new Date(now.getTime() + 1000 * day),
  iccid: '8981100000000000001',
  bound: true,
  because: [],
  tasks: [],
  ...changes,
})

describe('a certificate', () => {
  it('in use says nothing, until 90 days before its end', () => {
    const until = (days: number) => concernsOf(lifeWith({ notAfter: new Date(now.getTime() + days * day) }), now)
    assert.deepEqual([until(91), until(90), until(1), until(0)], [[], ['expiring'], ['expiring'], ['expired']])
  })

  it('that is stopped says each of its causes: each is lifted by its own', () => {
    const because = ['stop', 'lineSuspended', 'cardStopped', 'simLost'] as const
    assert.deepEqual(concernsOf(lifeWith({ state: 'stopped', because: [...because] }), now), [
      'stopped',
      'lineSuspended',
      'cardStopped',
      'simLost',
    ])
  })

  it('that ended says why, whatever ended it, and nothing else', () => {
    for (const event of [...lifeEvents, 'expired' as const]) {
      const [said, ...more] = concernsOf(lifeWith({ state: 'ended', because: [event], bound: false }), now)
      assert.ok(said !== undefined && concerns.includes(said), event)
      assert.deepEqual(more, [])
    }
    assert.deepEqual(concernsOf(lifeWith({ state: 'ended', because: ['cardEnded'] }), now), ['cardEnded'])
    assert.deepEqual(concernsOf(lifeWith({ state: 'ended', because: ['giveUp'] }), now), ['ended'])
  })

  it('whose SIM was exchanged, or seen elsewhere, asks to act while it is good', () => {
    const task = { taskId: randomUUID(), orderId: randomUUID(), state: 'done' as const, askedAt: now }
    const life = lifeWith({ bound: false, tasks: [{ ...task, event: 'simRenewed' }] })
    assert.deepEqual(concernsOf(life, now), ['seenElsewhere', 'simRenewed'])
  })

  it('has words for everything that can happen to it', () => {
    for (const { life } of [texts.ja, texts.en]) {
      assert.deepEqual(Object.keys(life.concern).toSorted(), concerns.toSorted())
      assert.deepEqual(Object.keys(life.event).toSorted(), lifeEvents.toSorted())
      assert.deepEqual(Object.keys(life.taskState).toSorted(), taskStates.toSorted())
    }
  })
})

describe('the link of a login', () => {
  const login: string = randomUUID()
  const site = 'https://bank.example'
  const link = (of: string, id = login) => `http://127.0.0.1:1/#/login?${new URLSearchParams({ site: of, login: id })}`

  it('is read from whatever phone it was made for, with spaces around it', () => {
    assert.deepEqual(loginIn(` ${link(site)}\n`), { site, login })
    assert.deepEqual(loginIn(link('http://127.0.0.1:8080').replace('http://127.0.0.1:1/', '')), {
      site: 'http://127.0.0.1:8080',
      login,
    })
  })

  it('is none where the site is no origin of a web page, or the login no login', () => {
    const wrong = [
      '',
      site,
      '#/login',
      link('ftp://bank.example'),
      link(`${site}/`),
      link(`${site}/path`),
      link('bank'),
    ]
    for (const one of [...wrong, link(site, '7'), link(site, ''), link('javascript:alert(1)')])
      assert.equal(loginIn(one), undefined, one)
  })
})

describe('the number of a line', () => {
  it('is taken as people write it', () => {
    for (const one of ['090-1234-5678', '０９０１２３４５６７８', '(090) 1234 5678'])
      assert.equal(plainMsisdn(one), '09012345678')
    assert.ok(isMsisdn('03-1234-5678'))
    for (const one of ['', '19012345678', '0901234', '090123456789', '0901234567a']) assert.ok(!isMsisdn(one), one)
  })
})
