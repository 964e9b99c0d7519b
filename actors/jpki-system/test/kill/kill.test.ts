/**
 * `kill -9` while certificates are issued, revoked and listed: what was acknowledged is there, nothing is half there, serial numbers never
 * repeat, numbers of lists never go back. A few rounds here; JPKI_KILL_ROUNDS=200 tries for longer, JPKI_KILL_SEED=N as a run did that said so.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../../test/needs.ts'
import { type Installation, installation } from './installation.ts'
import { killed } from './rounds.ts'

const rounds = Number(process.env['JPKI_KILL_ROUNDS'] ?? 2)
const together = rounds > 2 ? 3 : 2
const seed = Number(process.env['JPKI_KILL_SEED'] ?? Math.floor(Math.random() * 1e6))

async function tried(test: TestContext, system: Installation): Promise<void> {
  const { ledger, kills, flaws } = await killed(system, {
    rounds,
    seed,
    tell: rounds > 2 ? console.log : (line) => test.diagnostic(line),
  })
  test.diagnostic(`told ${JSON.stringify(ledger.told)}, refused ${JSON.stringify(ledger.refused)}`)
  assert.deepEqual(flaws, [], `seed ${seed}`)
  assert.ok(kills >= rounds)
  for (const act of ['enrolPerson', 'revokeCertificate'])
    assert.ok((ledger.told[act] ?? 0) > 0, `nobody was told ${act}`)
}

describe('a JPKI system that is killed again and again', () => {
  describe('on SQLite', () => {
    let system: Installation
    before(async () => {
      system = await installation(1)
    })
    after(() => system.close())
    it('keeps what it acknowledged, and nothing by halves', (test) => tried(test, system))
  })

  describe('as processes that share a PostgreSQL', { skip: needs('postgresql') }, () => {
    let cluster: Cluster
    let system: Installation
    before(async () => {
      cluster = await startCluster()
      system = await installation(together, cluster.url)
    })
    after(async () => {
      await system.close()
      await cluster.stop()
    })
    it('keeps what it acknowledged, and nothing by halves', (test) => tried(test, system))
  })
})
