/** A new generation while everything runs: made by another process, taken in without a restart, with a key by configuration. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openKeyring } from '@mobile-jpki/keyring'
import { readPublicKey } from '@mobile-jpki/pkix'
import type { Register } from '../../domain/world.ts'
import { openRegister, registerIn } from '../../store/index.ts'
import { type Authorities, openAuthorities } from '../authorities.ts'
import type { CaTerms } from '../keys.ts'

describe('a rollover while running', () => {
  let directory = ''
  let store: Awaited<ReturnType<typeof openRegister>>
  let open: (at: string, terms?: Partial<CaTerms>) => Promise<Authorities>
  let looks = 0
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-rollover-'))
    const keyring = await openKeyring(join(directory, 'keys'))
    store = await openRegister('sqlite::memory:')
    const bare = registerIn(store)
    const all = () => {
      looks++
      return bare.generations.all()
    }
    const register: Register = { ...bare, generations: { ...bare.generations, all } }
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
    open = (at, terms) => {
      const clock = { now: () => new Date(at) }
      return openAuthorities({ register, random, ...clock }, keyring, {
        kind: 'p-256',
        made: 'at-first-start',
        ...terms,
      })
    }
  })
  after(async () => {
    await store.close()
    await rm(directory, { recursive: true })
  })

  it('is taken in by who runs already, and changes what issues', async () => {
    const running = await open('2026-04-01T03:00:00Z')
    const [first] = [running.current('sign')]
    await running.refresh()
    assert.equal(running.current('sign'), first, 'nothing is opened anew')
    const other = await open('2030-04-01T03:00:00Z', { kind: 'rsa-2048' })
    assert.equal(running.current('sign').generation, 1)
    await Promise.all([running.refresh(), running.refresh()])
    assert.equal(running.current('sign').generation, 2)
    assert.deepEqual(
      running.all.map(({ certificate }) => certificate),
      other.all.map(({ certificate }) => certificate),
    )
    assert.equal(running.find('sign', 1), first)
    assert.equal(readPublicKey(running.current('auth').opened.publicKey).kind, 'rsa')
    assert.equal(readPublicKey(running.find('auth', 1).opened.publicKey).kind, 'p256')
  })

  it('costs one look at the table when there is nothing new', async () => {
    const running = await open('2030-04-02T03:00:00Z')
    looks = 0
    await running.refresh()
    assert.equal(looks, 1)
  })

  it('happens to a process that runs for four years', async () => {
    let at = '2030-04-02T03:00:00Z'
    const keyring = await openKeyring(join(directory, 'keys'))
    const world = {
      register: registerIn(store),
      random: (length: number) => new Uint8Array(length).fill(7),
      now: () => new Date(at),
    }
    const running = await openAuthorities(world, keyring, { kind: 'p-256', made: 'at-first-start' })
    assert.equal(running.current('auth').generation, 2)
    at = '2034-04-01T03:00:00Z'
    await running.refresh()
    assert.equal(running.current('auth').generation, 3)
  })
})
