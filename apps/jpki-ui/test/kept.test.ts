/** What the app keeps on the phone for the person: the history of use, and an application that is being filled in. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { draft, forgetDraft, forgetHistory, history, keepDraft, note } from '../domain/index.ts'
import { neighbours } from './neighbours.ts'

const at = new Date('2026-04-01T00:00:00Z')

let around: Awaited<ReturnType<typeof neighbours>>
before(async () => {
  around = await neighbours()
})
after(() => around.close())
beforeEach(() => around.world.storage.clear())

describe('the history of use', () => {
  it('has the newest first, with site and refusal', async () => {
    assert.deepEqual(await history(around.device), [])
    await note(around.device, { deed: 'applied' }, at)
    const login = {
      deed: 'loggedIn',
      origin: 'https://bank.example',
      name: 'みほん銀行',
      refused: 'pin.wrong',
    } as const
    await note(around.device, login, at)
    assert.deepEqual(await history(around.device), [
      { ...login, at: at.toISOString() },
      { deed: 'applied', at: at.toISOString() },
    ])
    await forgetHistory(around.device)
    assert.deepEqual(await history(around.device), [])
  })

  it('loses nothing of what happens at once, and keeps a hundred', async () => {
    await Promise.all(
      Array.from({ length: 120 }, (_, place) => note(around.device, { deed: 'loggedIn', name: `${place}` }, at)),
    )
    const kept = await history(around.device)
    assert.deepEqual([kept.length, kept[0]?.name, kept.at(-1)?.name], [100, '119', '20'])
  })

  it('fits into the phone’s storage with the longest names, and spoils nothing where the phone cannot keep it', async () => {
    const long = {
      deed: 'confirmed',
      origin: `https://${'o'.repeat(80)}`,
      name: 'n'.repeat(80),
      requester: 'r'.repeat(80),
    }
    for (let turn = 0; turn < 100; turn++) await note(around.device, { ...long, deed: 'confirmed' }, at)
    assert.ok((around.world.storage.get('history') ?? '').length < 65_536)
    await around.die()
    await note(around.device, { deed: 'applied' }, at)
    await around.comeBack()
    assert.equal((await history(around.device))[0]?.deed, 'confirmed')
  })
})

describe('an application that is being filled in', () => {
  it('is kept as it was typed last, without any password, until it is sent', async () => {
    const filledIn = { mail: '', keyGeneration: 'central', consent: false } as const
    await Promise.all(['h', 'ha', 'hanako@mail.example'].map((mail) => keepDraft(around.device, { ...filledIn, mail })))
    assert.deepEqual(await draft(around.device), { ...filledIn, mail: 'hanako@mail.example' })
    await forgetDraft(around.device)
    assert.equal(await draft(around.device), undefined)
  })
})
