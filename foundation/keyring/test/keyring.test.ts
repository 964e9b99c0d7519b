/** A keyring keeps its keys, shows none of them, and opens nothing that was changed. */
import assert from 'node:assert/strict'
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { algorithms } from '@mobile-jpki/pkix'
import { verifySignature } from '@mobile-jpki/pkix/crypto'
import { KeyringError, openKeyring } from '../index.ts'

const text = (octets: Uint8Array) => new TextDecoder().decode(octets)
const octets = (value: string) => new TextEncoder().encode(value)

describe('a keyring', () => {
  let root = ''
  let count = 0
  const place = () => join(root, `${++count}`)
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'jpki-keyring-'))
  })
  after(() => rm(root, { recursive: true }))

  it('opens what it sealed, also after a restart', async () => {
    const directory = place()
    const sealed = await (await openKeyring(directory)).seal('orders', octets('geheim'), 'order 1')
    assert.equal(text(await (await openKeyring(directory)).open('orders', sealed, 'order 1')), 'geheim')
  })

  it('opens nothing for another context, under another name, or changed by one bit', async () => {
    const keyring = await openKeyring(place())
    const sealed = await keyring.seal('orders', octets('geheim'), 'order 1')
    await assert.rejects(keyring.open('orders', sealed, 'order 2'), KeyringError)
    await assert.rejects(keyring.open('others', sealed, 'order 1'), KeyringError)
    for (const at of sealed.keys()) {
      const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1)
      await assert.rejects(keyring.open('orders', changed, 'order 1'), KeyringError)
    }
    await assert.rejects(keyring.open('orders', sealed.subarray(0, 20), 'order 1'), KeyringError)
  })

  it('makes the same code from the same octets, and another one under another name', async () => {
    const directory = place()
    const one = await (await openKeyring(directory)).mac('codes', octets('ABCD'))
    const keyring = await openKeyring(directory)
    assert.deepEqual(await keyring.mac('codes', octets('ABCD')), one)
    assert.notDeepEqual(await keyring.mac('others', octets('ABCD')), one)
  })

  for (const [kind, algorithm] of [
    ['rsa-2048', 'sha256WithRSAEncryption'],
    ['rsa-3072', 'sha256WithRSAEncryption'],
    ['p-256', 'ecdsaWithSHA256'],
  ] as const)
    it(`signs with ${kind}, and with the same key after a restart`, async () => {
      const directory = place()
      const [one, other] = await Promise.all([openKeyring(directory), openKeyring(directory)])
      const [first, again] = await Promise.all([one.signer('ca', kind), other.signer('ca', kind)])
      assert.deepEqual(again.publicKey, first.publicKey)
      const signature = await first.sign(octets('signed'))
      const check = {
        algorithm: algorithms[algorithm],
        publicKey: again.publicKey,
        octets: octets('signed'),
        signature,
      }
      assert.equal(await verifySignature(check), true)
    })

  it('agrees on the same secret from both sides, and only with points of the curve', async () => {
    const one = await (await openKeyring(place())).agreement('envelope')
    const other = await (await openKeyring(place())).agreement('envelope')
    assert.deepEqual(await one.agree(other.point), await other.agree(one.point))
    await assert.rejects(one.agree(other.point.with(64, (other.point[64] ?? 0) ^ 1)), KeyringError)
  })

  it('does not use a key for what it was not made for', async () => {
    const keyring = await openKeyring(place())
    await keyring.mac('codes', octets('x'))
    await assert.rejects(keyring.seal('codes', octets('x'), 'y'), KeyringError)
  })

  it('writes no key in clear, and lets nobody else read its files', async () => {
    const directory = place()
    const keyring = await openKeyring(directory)
    const master = await keyring.octets('carrier', 32)
    await keyring.signer('ca', 'p-256')
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    for (const name of await readdir(directory)) {
      assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600)
      assert.equal((await readFile(join(directory, name))).includes(master), false)
    }
    await chmod(join(directory, 'master.key'), 0o644)
    await assert.rejects(openKeyring(directory), KeyringError)
  })

  it('is worth nothing without its own master key', async () => {
    const [directory, stolen] = [place(), place()]
    await (await openKeyring(directory)).octets('carrier', 16)
    await openKeyring(stolen)
    await cp(join(directory, 'carrier.key'), join(stolen, 'carrier.key'))
    await assert.rejects((await openKeyring(stolen)).octets('carrier', 16), KeyringError)
  })

  it('forgets an erased key', async () => {
    const keyring = await openKeyring(place())
    const sealed = await keyring.seal('orders', octets('geheim'), 'order 1')
    await keyring.erase('orders')
    await assert.rejects(keyring.open('orders', sealed, 'order 1'), KeyringError)
  })

  it('names keys only by names that stay inside its directory', async () => {
    const keyring = await openKeyring(place())
    for (const name of ['../x', 'a/b', '', 'master', '.x', 'A'])
      await assert.rejects(keyring.octets(name, 16), KeyringError)
  })
})
