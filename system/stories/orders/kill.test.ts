/** Several SP-TSM processes share the orders, and are killed at any moment: nothing is lost, and nothing done twice at the JPKI system. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { findCertificates } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { applyForDownload, cancelOrder, describeOrder, getApplication } from '@mobile-jpki/sp-tsm/contract'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../test/needs.ts'
import { type Installation, install } from './installation.ts'

const mostOrders = 15
const killCount = 4
const password = 'correct horse battery'

describe('SP-TSM in several processes, killed at any moment,', () => {
  for (const count of [2, 3])
    it(`shares one PostgreSQL among ${count}`, { skip: needs('postgresql') }, async (context) => {
      const cluster = await startCluster()
      try {
        await survives(count, cluster, (line) => context.diagnostic(line))
      } finally {
        await cluster.stop()
      }
    })
  it('shares one SQLite file among 2', (context) => survives(2, undefined, (line) => context.diagnostic(line)))
})

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-orders-'))
})
after(() => rm(directory, { recursive: true }))

async function survives(count: number, cluster: Cluster | undefined, tell: (line: string) => void): Promise<void> {
  const place = await mkdtemp(join(directory, 'run-'))
  const installation = await install(place, count, cluster?.url)
  try {
    const killing = kill(installation)
    const orders: Tried[] = []
    const client = async () => {
      while (!killing.isOver() && orders.length < mostOrders) {
        orders.push(await order(installation, orders.length))
        await setTimeout(Math.random() * 400)
      }
    }
    await Promise.all([client(), client(), client()])
    const kills = await killing.done
    for (const { id, isCancelled } of orders) await settled(installation, id, isCancelled)
    await checkRegister(installation, orders)
    checkMails(installation, orders)
    tell(`${orders.length} orders, ${kills} kills, ${installation.mails.length} mails`)
  } finally {
    await installation.close()
  }
}

function kill({ processes }: Installation) {
  let left = killCount
  const work = async () => {
    for (; left > 0; left--) {
      await setTimeout(100 + Math.random() * 900)
      const one = processes[Math.floor(Math.random() * processes.length)]
      await one?.kill()
      await one?.start()
    }
    return killCount
  }
  return { isOver: () => left === 0, done: work() }
}

/** Asks one process after the other until one answers. A Refusal of another kind is an answer. */
async function insist<T>(
  { processes }: Installation,
  ask: (one: Installation['processes'][number]) => Promise<T>,
): Promise<T> {
  for (let turn = Math.floor(Math.random() * 9); ; turn++) {
    const one = processes[turn % processes.length]
    if (one === undefined) throw new Error('there is no process')
    try {
      return await ask(one)
    } catch (error) {
      const isAway = error instanceof Refusal && ['peer.unreachable', 'peer.failed', 'store.busy'].includes(error.code)
      if (!isAway) throw error
      await setTimeout(20)
    }
  }
}

/** The application arrives, though nobody may have heard the answer; every third is cancelled, at any moment. */
async function order(installation: Installation, index: number) {
  const { id, application } = await installation.form()
  await insist(installation, async (one) => {
    try {
      await call(one.public, applyForDownload, { application, password })
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'request.replayed') throw error
    }
  })
  const isCancelled = index % 3 === 0
  if (isCancelled) {
    await setTimeout(Math.random() * 600)
    await insist(installation, (one) => call(one.operator, cancelOrder, { orderId: id, reason: 'no longer wanted' }))
  }
  return { id, isCancelled }
}

async function settled(installation: Installation, orderId: string, isCancelled: boolean): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    const { state } = await insist(installation, (one) => call(one.public, getApplication, { orderId }))
    const { order: shown } = await insist(installation, (one) => call(one.operator, describeOrder, { orderId }))
    if (state === (isCancelled ? 'cancelled' : 'codeSent') && shown.owed.length === 0) return
    assert.ok(!['refused', 'failed', 'expired'].includes(state), JSON.stringify(shown))
    await setTimeout(100)
  }
  assert.fail(`order ${orderId} does not come to its end`)
}

interface Tried {
  readonly id: string
  readonly isCancelled: boolean
}

async function checkRegister({ jpkiSystem }: Installation, orders: readonly Tried[]): Promise<void> {
  for (const { id, isCancelled } of orders) {
    const { certificates } = await call(jpkiSystem, findCertificates, { order: id, atMost: 9 })
    const states = certificates.map(({ state }) => state)
    if (isCancelled) assert.ok(states.length <= 1 && states.every((state) => state === 'revoked'), `${id}: ${states}`)
    else assert.deepEqual(states, ['pending'], id)
  }
  const { certificates } = await call(jpkiSystem, findCertificates, {
    kind: 'phoneAuth',
    authority: 'auth',
    atMost: 1000,
  })
  const wanted = orders.filter(({ isCancelled }) => !isCancelled).length
  assert.ok(certificates.length >= wanted && certificates.length <= orders.length)
}

/** A mail may come again when its acknowledgement was lost, and is known as the same by its Message-ID. */
function checkMails({ mails }: Installation, orders: readonly Tried[]): void {
  for (const { id, isCancelled } of orders) {
    const own = mails.filter(({ to }) => !Array.isArray(to) && to?.text === `${id}@mail.example`)
    const codes = own.filter(({ subject = '' }) => subject.includes('アクセスコード'))
    const distinct = (all: typeof own) => new Set(all.map(({ messageId }) => messageId)).size
    assert.equal(new Set(codes.map(({ text }) => text)).size, distinct(codes), id)
    if (isCancelled) assert.equal(distinct(own.filter((one) => !codes.includes(one))), 1, id)
    else assert.deepEqual([distinct(codes), distinct(own)], [1, 1], id)
  }
}
