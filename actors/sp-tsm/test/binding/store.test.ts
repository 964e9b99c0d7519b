/** What the store keeps of phones: the key that an order is bound to, and which challenges were answered. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import { challengesIn } from '../../store/binding.ts'
import { migrations, type Tables } from '../../store/tables.ts'

const noon = new Date('2026-04-01T03:00:00Z')
const later = (seconds: number) => new Date(noon.getTime() + seconds * 1000)
const random = () => new Uint8Array(randomBytes(54))

contractOf('answered challenges', (open) => {
  const opened = async () => {
    const store = await open<Tables>(migrations)
    const rows = () => store.db.selectFrom('sp_spent_challenge').select('challenge').execute()
    return { challenges: challengesIn(store), rows }
  }

  it('are spent once, also where many spend at the same time', async () => {
    const { challenges } = await opened()
    const [one, other] = [random(), random()]
    const spent = await Promise.all(Array.from({ length: 8 }, () => challenges.spend(one, later(300), noon)))
    assert.equal(spent.filter(Boolean).length, 1)
    assert.equal(await challenges.spend(one, later(300), noon), false)
    assert.equal(await challenges.spend(other, later(300), noon), true)
  })

  it('are forgotten when their time is over, and not a moment before', async () => {
    const { challenges, rows } = await opened()
    const old = random()
    await challenges.spend(old, later(300), noon)
    assert.equal(await challenges.spend(old, later(300), later(299)), false)
    assert.equal(await challenges.spend(random(), later(700), later(300)), true)
    assert.equal((await rows()).length, 1)
  })
})
