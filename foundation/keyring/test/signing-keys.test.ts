/** The contract of keys that sign: one suite for keys in files and keys in a token. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { algorithms } from '@mobile-jpki/pkix'
import { type Signer, verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { KeyringError, openKeyring, openToken, type SigningKeys, signerKinds } from '../index.ts'
import { type SoftToken, skipWithoutSoftToken, softToken } from '../soft-token.ts'

interface Place {
  /** Opens the same keys, as after a restart. */
  open(): Promise<SigningKeys & { close?(): Promise<void> }>
}

const refuses = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code
const message = () => new Uint8Array(randomBytes(100))

async function assertSigns(signer: Signer, octets = message()): Promise<void> {
  const signature = await signer.sign(octets)
  const check = { algorithm: algorithms[signer.algorithm], publicKey: signer.publicKey, octets, signature }
  assert.equal(await verifySignature(check), true)
}

function contractOfSigningKeys(newPlace: () => Promise<Place>): void {
  const opened: { close?(): Promise<void> }[] = []
  const open = async (place: Place) => {
    const keys = await place.open()
    opened.push(keys)
    return keys
  }
  // SoftHSM2 looks for tokens when it is first opened: the next test's is there only after all were closed.
  afterEach(() => Promise.all(opened.splice(0).map((keys) => keys.close?.())))

  for (const kind of signerKinds)
    it(`make a key of kind ${kind} once, and sign with it after a restart`, async () => {
      const place = await newPlace()
      const keys = await open(place)
      assert.equal(await keys.find('ca', kind), undefined)
      const [first, same] = await Promise.all([keys.signer('ca', kind), keys.signer('ca', kind)])
      assert.deepEqual(same.publicKey, first.publicKey)
      await assertSigns(first)
      const again = await open(place)
      assert.deepEqual((await again.find('ca', kind))?.publicKey, first.publicKey)
      await assertSigns(await again.signer('ca', kind))
    })

  it('sign many things at the same time, each its own', async () => {
    const keys = await open(await newPlace())
    const signers = [await keys.signer('one', 'p-256'), await keys.signer('two', 'rsa-2048')]
    await Promise.all(Array.from({ length: 60 }, (_, at) => assertSigns(signers[at % 2] as Signer)))
  })

  it('refuse a key of another kind', async () => {
    const keys = await open(await newPlace())
    await keys.signer('ca', 'p-256')
    await assert.rejects(keys.find('ca', 'rsa-2048'), refuses('key.wrong-kind'))
    await assert.rejects(keys.signer('ca', 'rsa-3072'), refuses('key.wrong-kind'))
    await assert.rejects(keys.describe('ca', 'rsa-3072'), refuses('key.wrong-kind'))
  })

  it('tell where a key lives, and have no word on one that is not there', async () => {
    const keys = await open(await newPlace())
    await assert.rejects(keys.describe('ca', 'p-256'), refuses('key.not-found'))
    await keys.signer('ca', 'p-256')
    assert.ok(['files', 'pkcs11'].includes((await keys.describe('ca', 'p-256')).provider))
  })

  it('erase a key for good, and its like by name only', async () => {
    const keys = await open(await newPlace())
    const [one] = [await keys.signer('ca-1', 'p-256'), await keys.signer('ca-11', 'p-256')]
    await keys.erase('ca-1')
    assert.equal(await keys.find('ca-1', 'p-256'), undefined)
    assert.notEqual(await keys.find('ca-11', 'p-256'), undefined)
    assert.notDeepEqual((await keys.signer('ca-1', 'p-256')).publicKey, one.publicKey)
    await keys.erase('never-there')
  })

  it('take no name that could mean another place', async () => {
    const keys = await open(await newPlace())
    for (const name of ['../x', 'a/b', '', 'A', 'master']) {
      await assert.rejects(keys.find(name, 'p-256'), KeyringError)
      await assert.rejects(keys.signer(name, 'p-256'), KeyringError)
      await assert.rejects(keys.erase(name), KeyringError)
    }
  })
}

describe('signing keys in files', () => {
  let root = ''
  let count = 0
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'jpki-signing-keys-'))
  })
  after(() => rm(root, { recursive: true }))
  contractOfSigningKeys(async () => {
    const directory = join(root, `${++count}`)
    return { open: () => openKeyring(directory) }
  })
})

describe('signing keys in a token', { skip: skipWithoutSoftToken }, () => {
  let soft: SoftToken
  let count = 0
  before(async () => {
    soft = await softToken()
  })
  after(() => soft[Symbol.asyncDispose]())
  contractOfSigningKeys(async () => {
    const settings = await soft.add(`contract-${++count}`)
    return { open: () => openToken(settings) }
  })
})
