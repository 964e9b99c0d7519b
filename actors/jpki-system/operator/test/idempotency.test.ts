/** An act under an Idempotency-Key and its answer: both or neither, once, whichever process is asked and whenever it dies. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { parseCertificate } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { contractOf } from '@mobile-jpki/store/contract'
import { needs } from '../../../../test/needs.ts'
import { enrolPerson, revokeCertificate } from '../../contract.ts'
import { revoke } from '../../domain/revocation.ts'
import { migrations, registerIn, type Tables } from '../../store/index.ts'
import { type CaProcess, type Installation, installation } from '../../test/kill/installation.ts'
import { enrolled, person, stateOf, surroundings } from '../../test/surroundings.ts'

const by = { actor: 'operator' } as const
const at = new Date('2026-04-01T03:00:00Z')
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000)
const answer = (key: string) => ({ caller: 'operator', key, fingerprint: 'f', text: `{"told":"${key}"}` }) as const

contractOf('kept answers', (open) => {
  it('are found by caller and key until their time is over, and make room then', async () => {
    const { answers } = registerIn(await open<Tables>(migrations))
    await answers.keep(answer('a'), at, later(60))
    assert.deepEqual(await answers.find('operator', 'a', later(59)), answer('a'))
    assert.equal(await answers.find('municipality', 'a', at), undefined)
    assert.equal(await answers.find('operator', 'a', later(60)), undefined)
    await assert.rejects(answers.keep({ ...answer('a'), text: 'other' }, later(59), later(99)))
    await answers.keep({ ...answer('a'), text: 'other' }, later(60), later(99))
    assert.equal((await answers.find('operator', 'a', later(61)))?.text, 'other')
  })

  it('are forgotten in bounded steps, the oldest first', async () => {
    const { answers } = registerIn(await open<Tables>(migrations))
    for (const [key, seconds] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['d', 999],
    ] as const)
      await answers.keep(answer(key), at, later(seconds))
    assert.equal(await answers.forget(later(60), 2), 2)
    assert.deepEqual(
      await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await answers.find('operator', key, at))?.key)),
      [undefined, undefined, 'c', 'd'],
    )
    assert.deepEqual([await answers.forget(later(60), 2), await answers.forget(later(60), 2)], [1, 0])
  })

  it('stand and fall with the act: neither is there when the other cannot be', async () => {
    const world = await surroundings({ store: await open<Tables>(migrations) })
    try {
      const { auth } = await enrolled(world)
      const asked = { authority: 'auth', serialNumber: auth.serialNumber, reason: 'keyCompromise' } as const
      const dying = revoke(world, asked, by, async ({ answers }) => {
        await answers.keep(answer('k'), at, later(60))
        throw new Error('the power is gone')
      })
      await assert.rejects(dying, /power/)
      assert.deepEqual(
        [await stateOf(world, auth), await world.register.answers.find('operator', 'k', at)],
        ['valid', undefined],
      )

      await world.register.answers.keep(answer('k'), at, later(60))
      const second = revoke(world, asked, by, ({ answers }) => answers.keep(answer('k'), at, later(60)))
      await assert.rejects(second)
      assert.equal(await stateOf(world, auth), 'valid')
    } finally {
      await world.close()
    }
  })
})

describe('a revocation under an Idempotency-Key, asked for until it is answered', () => {
  const cards = 12

  async function tried(system: Installation): Promise<void> {
    const { authorities: processes } = system
    await Promise.all(processes.map((one) => one.start()))
    const municipality = await processes[0]?.peer('municipality')
    assert.ok(municipality)
    const serials: { serialNumber: string; key: string }[] = []
    while (serials.length < cards) {
      const { authCertificate } = await call(municipality, enrolPerson, person())
      serials.push({ serialNumber: parseCertificate(authCertificate).serialNumber, key: randomUUID() })
    }
    const told = new Map<string, string>()
    let cutOff = 0

    /** True when it was answered; whoever was cut off does not know, and asks again under the same key. */
    const ask = async (process: CaProcess, { serialNumber, key }: (typeof serials)[number]): Promise<boolean> => {
      const revocation = { authority: 'auth', serialNumber, reason: 'keyCompromise' } as const
      try {
        const { revokedAt } = await call(await process.peer('operator'), revokeCertificate, revocation, {
          idempotencyKey: key,
        })
        assert.equal(told.get(serialNumber) ?? revokedAt, revokedAt)
        told.set(serialNumber, revokedAt)
        return true
      } catch (error) {
        if (!(error instanceof Refusal) || !['peer.unreachable', 'store.busy'].includes(error.code)) throw error
        cutOff += 1
        return false
      }
    }
    const everyTwin = () => serials.flatMap((one) => processes.map((process) => ask(process, one)))

    for (const milliseconds of [20, 60]) {
      const asking = everyTwin()
      await setTimeout(milliseconds)
      await Promise.all(processes.map((one) => one.kill()))
      await Promise.all(asking)
      await Promise.all(processes.map((one) => one.start()))
    }
    for (let tries = 0; told.size < cards && tries < 20; tries++) await Promise.all(everyTwin())
    assert.equal(told.size, cards)
    assert.ok(cutOff > 0)
    const answeredAgain = await Promise.all(everyTwin())
    assert.ok(answeredAgain.every((one) => one))

    const store = await system.open()
    const rows = await store.db
      .selectFrom('certificate_status')
      .select('revoked_at')
      .where('revoked_at', 'is not', null)
      .execute()
    await store.close()
    assert.deepEqual(
      rows.map((row) => new Date(Number(row.revoked_at) * 1000).toISOString().slice(0, 19)).sort(),
      [...told.values()].map((one) => one.slice(0, 19)).sort(),
    )
  }

  describe('of a process on SQLite that is killed', () => {
    let system: Installation
    before(async () => {
      system = await installation(1)
    })
    after(() => system.close())
    it('is done once, and told as it was told before', () => tried(system))
  })

  describe('of two processes on one PostgreSQL that are killed', { skip: needs('postgresql') }, () => {
    let cluster: Cluster
    let system: Installation
    before(async () => {
      cluster = await startCluster()
      system = await installation(2, cluster.url)
    })
    after(async () => {
      await system.close()
      await cluster.stop()
    })
    it('is done once, and told by either as it was told before', () => tried(system))
  })
})
