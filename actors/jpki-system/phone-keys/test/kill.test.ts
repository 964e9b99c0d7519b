/** Processes that take from one stock and are killed in the middle: every pair is in one place, and what was said stands. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../../test/needs.ts'
import { openRegister } from '../../store/index.ts'
import { enrolled, surroundings } from '../../test/surroundings.ts'

const stocked = 200
const processes = 3
const rounds = 2

async function keepsEveryPairOnce(url: string): Promise<void> {
  const store = await openRegister(url)
  const world = await surroundings({ store })
  const { sign } = await enrolled(world)
  const ids = Array.from({ length: stocked }, (_, at) => at.toString(16).padStart(4, '0').repeat(8))
  await world.register.atomically(async ({ keyStock }) => {
    for (const id of ids) await keyStock.add({ id, publicKey: Uint8Array.of(1), sealedPrivateKey: Uint8Array.of(2) })
  })
  const said = new Map<string, string>()
  for (let round = 0; round < rounds; round++) {
    const running = Array.from({ length: processes }, () => {
      const program = join(import.meta.dirname, 'taking-process.ts')
      const one = spawn(process.execPath, [program, url, sign.serialNumber], { stdio: ['ignore', 'pipe', 'inherit'] })
      let heard = ''
      one.stdout.on('data', (text: Buffer) => {
        heard += text.toString()
      })
      return { one, heard: () => heard, closed: once(one, 'close') }
    })
    while (running.some(({ one, heard }) => heard() === '' && one.exitCode === null)) await setTimeout(10)
    await setTimeout(Math.random() * 50)
    for (const { one } of running) one.kill('SIGKILL')
    await Promise.all(running.map(({ closed }) => closed))
    for (const { heard } of running)
      for (const line of heard().split('\n').slice(0, -1)) {
        const [order = '', key = ''] = line.split(' ')
        said.set(order, key)
      }
  }
  const left = (await store.db.selectFrom('key_stock').select('id').execute()).map(({ id }) => id)
  const orders = await store.db.selectFrom('phone_order').select(['order_id', 'taken_key']).execute()
  const given = orders.flatMap(({ taken_key }) => taken_key ?? [])
  assert.deepEqual([...left, ...given].sort(), ids, 'every pair is in the stock or with one order')
  for (const [order, key] of said)
    assert.equal(orders.find(({ order_id }) => order_id === order)?.taken_key, key, 'what was said stands')
  assert.ok(said.size >= processes * rounds && given.length >= said.size)
  await world.close()
  await store.close()
}

describe('processes that are killed while they take from one stock', () => {
  it('give no pair twice and lose none, on SQLite', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jpki-kill-'))
    await keepsEveryPairOnce(`sqlite:${join(directory, 'register.db')}`)
    await rm(directory, { recursive: true })
  })

  it('give no pair twice and lose none, on PostgreSQL', { skip: needs('postgresql') }, async () => {
    const cluster = await startCluster()
    await keepsEveryPairOnce(cluster.url)
    await cluster.stop()
  })
})
