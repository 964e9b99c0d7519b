/** Another master key: all keys are there afterwards, the old one opens nothing, and a kill anywhere only makes it go on. */
import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type Keyring, KeyringError, openKeyring, rewrap } from '../index.ts'

const octets = (value: string) => new TextEncoder().encode(value)
const refuses = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

describe('a keyring that gets another master key', () => {
  let root = ''
  let directory = ''
  let count = 0
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'jpki-rewrap-'))
  })
  after(() => rm(root, { recursive: true }))

  /** One key of each kind, used once. */
  const uses = async (keyring: Keyring, sealed?: Uint8Array) => ({
    ca: (await keyring.signer('ca', 'rsa-2048')).publicKey,
    small: (await keyring.signer('small', 'p-256')).publicKey,
    mac: await keyring.mac('codes', octets('x')),
    point: (await keyring.agreement('transport')).point,
    octets: await keyring.octets('carrier', 16),
    opened: sealed && (await keyring.open('orders', sealed, 'one')),
  })
  let sealed = new Uint8Array()
  let expected: Awaited<ReturnType<typeof uses>>
  let template = ''
  before(async () => {
    template = join(root, 'template')
    const keyring = await openKeyring(template)
    sealed = new Uint8Array(await keyring.seal('orders', octets('geheim'), 'one'))
    expected = await uses(keyring, sealed)
  })
  beforeEach(async () => {
    directory = join(root, `${++count}`)
    await cp(template, directory, { recursive: true })
  })
  const opensAll = async () => assert.deepEqual(await uses(await openKeyring(directory), sealed), expected)

  it('has every key afterwards, and none that the old master key opens', async () => {
    const keys = await rewrap(directory)
    assert.deepEqual(keys, ['ca', 'carrier', 'codes', 'orders', 'small', 'transport'])
    await opensAll()
    await cp(join(template, 'master.key'), join(directory, 'master.key'))
    await assert.rejects(async () => (await openKeyring(directory)).signer('ca', 'rsa-2048'), KeyringError)
  })

  it('opens for nobody until it is through, and goes on when it was killed after any key', async () => {
    const keys = await rewrap(directory)
    const [done, old] = [directory, template]
    for (const cut of [0, 1, 3, keys.length]) {
      directory = join(root, `cut-${cut}`)
      await cp(old, directory, { recursive: true })
      await cp(join(done, 'master.key'), join(directory, 'master.key.next'))
      for (const name of keys.slice(0, cut)) await cp(join(done, `${name}.key`), join(directory, `${name}.key`))
      // The last thing before the end: the old master key is overwritten.
      if (cut === keys.length) await writeFile(join(directory, 'master.key'), new Uint8Array(32))
      await assert.rejects(openKeyring(directory), refuses('store.busy'))
      await rewrap(directory)
      await opensAll()
      assert.equal((await readdir(directory)).includes('master.key.next'), false)
    }
  })

  it('lets a process that is still open make no key that nobody could open', async () => {
    const open = await openKeyring(directory)
    await rewrap(directory)
    await assert.rejects(open.signer('late', 'p-256'), refuses('store.busy'))
    assert.equal((await readdir(directory)).includes('late.key'), false)
    await opensAll()
  })

  it('changes nothing of what is no keyring, or of a key that is broken', async () => {
    await assert.rejects(rewrap(join(root, 'nowhere')), refuses('key.not-found'))
    await rename(join(directory, 'ca.key'), join(directory, 'other.key'))
    const contents = async () =>
      Promise.all((await readdir(directory)).map(async (file) => [file, await readFile(join(directory, file))]))
    const before = await contents()
    await assert.rejects(rewrap(directory), refuses('key.wrong-kind'))
    assert.deepEqual(await contents(), before)
    await rename(join(directory, 'other.key'), join(directory, 'ca.key'))
    await rewrap(directory)
    await opensAll()
  })
})
