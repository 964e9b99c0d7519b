/** The contract of the provider's store: what the protocol and the library of relying parties keep, on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { openKeyring, type Vault, vaultIn } from '@mobile-jpki/keyring'
import { contractOf } from '@mobile-jpki/store/contract'
import { artifactsIn } from '../store/artifacts.ts'
import { loginsIn } from '../store/logins.ts'
import { subjectsIn } from '../store/subjects.ts'
import { migrations, type Tables } from '../store/tables.ts'

let directory = ''
let vault: Vault
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-openid-store-'))
  vault = vaultIn(await openKeyring(directory), 'artifacts')
})
after(() => rm(directory, { recursive: true }))

const later = () => new Date(Date.now() + 60_000)

contractOf('the store of the OpenID provider', (open) => {
  const opened = async () => {
    const store = await open<Tables>(migrations)
    return { store, artifacts: artifactsIn(store.db, vault) }
  }

  it('finds what it was given, under its kind alone, with dates and octets as they were', async () => {
    const { artifacts } = await opened()
    const content = { at: new Date('2026-01-01T00:00:00Z'), octets: new Uint8Array([1, 2]), deep: { text: '花子' } }
    await artifacts.save('Session', 'one', { content, expires: later(), uid: 'other name' })
    assert.deepEqual((await artifacts.find('Session', 'one'))?.content, content)
    assert.deepEqual((await artifacts.findByUid('Session', 'other name'))?.content, content)
    for (const [kind, id] of [
      ['Grant', 'one'],
      ['Session', 'other name'],
    ] as const)
      assert.equal(await artifacts.find(kind, id), undefined)
  })

  it('replaces what is saved again, and keeps what is saved once', async () => {
    const { artifacts } = await opened()
    const saying = (word: string) => ({ content: { word }, expires: later() })
    await artifacts.save('Grant', 'one', saying('first'))
    await artifacts.save('Grant', 'one', saying('second'))
    assert.equal((await artifacts.find('Grant', 'one'))?.content['word'], 'second')
    const all = ['a', 'b', 'c', 'd'].map((word) => artifacts.saveOnce('ReplayDetection', 'one', saying(word)))
    assert.equal((await Promise.all(all)).filter((kept) => kept).length, 1)
  })

  it('lets one of many consume', async () => {
    const { artifacts } = await opened()
    await artifacts.save('AuthorizationCode', 'code', { content: {}, expires: later() })
    const at = new Date()
    const all = await Promise.all(Array.from({ length: 8 }, () => artifacts.consume('AuthorizationCode', 'code', at)))
    assert.equal(all.filter((first) => first).length, 1)
    assert.deepEqual((await artifacts.find('AuthorizationCode', 'code'))?.consumed, at)
    assert.equal(await artifacts.consume('AuthorizationCode', 'none', at), false)
  })

  it('forgets with a grant all that hangs on it, and what is past its end', async () => {
    const { artifacts } = await opened()
    for (const [kind, grantId] of [
      ['AccessToken', 'g1'],
      ['AuthorizationCode', 'g1'],
      ['AccessToken', 'g2'],
    ] as const)
      await artifacts.save(kind, grantId + kind, { content: {}, expires: later(), grantId })
    await artifacts.removeGrant('g1')
    assert.equal(await artifacts.find('AccessToken', 'g1AccessToken'), undefined)
    assert.equal(await artifacts.find('AuthorizationCode', 'g1AuthorizationCode'), undefined)
    assert.notEqual(await artifacts.find('AccessToken', 'g2AccessToken'), undefined)
    await artifacts.prune(new Date(Date.now() + 120_000))
    assert.equal(await artifacts.find('AccessToken', 'g2AccessToken'), undefined)
  })

  it('shows neither a name nor a content to whoever reads the database, and does not take one for another', async () => {
    const { store, artifacts } = await opened()
    const secret = randomBytes(16).toString('hex')
    await artifacts.save('AuthorizationCode', secret, { content: { jti: secret }, expires: later(), grantId: secret })
    const rows = await store.db.selectFrom('artifact').select(['id', 'content', 'grant_id']).execute()
    for (const row of rows)
      for (const octets of [row.id, row.content, row.grant_id ?? new Uint8Array()])
        assert.ok(!Buffer.from(octets).includes(secret) && !Buffer.from(octets).includes(Buffer.from(secret, 'hex')))
    const id = new Uint8Array(createHash('sha256').update('another').digest())
    await store.db.updateTable('artifact').set({ id }).execute()
    await assert.rejects(artifacts.find('AuthorizationCode', 'another'), 'a row that was moved does not open')
  })

  it('keeps a login until it is decided, and the first decision', async () => {
    const { store, artifacts } = await opened()
    const logins = loginsIn(store.db, artifacts)
    const login = {
      id: randomUUID(),
      ticket: randomUUID(),
      nonce: new Uint8Array(randomBytes(32)),
      purpose: 'login',
      requester: 'みほん銀行',
      number: '07',
      numbers: ['07', '42', '99'],
      begun: new Date(),
      expires: later(),
    } as const
    assert.equal(await logins.findLogin(login.id), undefined)
    assert.equal(await logins.decideLogin(login.id, { state: 'wrongNumber' }), false)
    await logins.addLogin(login)
    assert.deepEqual(await logins.findLogin(login.id), login)
    const decisions = (['wrongNumber', 'badSignature', 'tooLate'] as const).map((state) =>
      logins.decideLogin(login.id, { state }),
    )
    assert.equal((await Promise.all(decisions)).filter((first) => first).length, 1)
    const decided = (await logins.findLogin(login.id))?.decided
    assert.ok(decided)
    assert.equal(await logins.decideLogin(login.id, { state: 'tooLate' }), false)
    assert.deepEqual((await logins.findLogin(login.id))?.decided, decided)
  })

  it('knows whose certificate and whose subject it is, and does not change its mind', async () => {
    const { store, artifacts } = await opened()
    const [logins, subjects] = [loginsIn(store.db, artifacts), subjectsIn(store.db)]
    for (const account of ['4f01', '5a01']) {
      await logins.keepAccount('4f02', account)
      await subjects.keep('of a sector', account)
    }
    assert.deepEqual([await logins.findAccount('4f02'), await subjects.find('of a sector')], ['4f01', '4f01'])
    assert.deepEqual([await logins.findAccount('none'), await subjects.find('none')], [undefined, undefined])
  })
})
