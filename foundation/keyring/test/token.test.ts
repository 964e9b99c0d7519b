/** A token behind PKCS#11: what can be wrong with it is told in words, what is lost is found again, and no key comes out. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { algorithms } from '@mobile-jpki/pkix'
import { keyIdentifier, type Signer, verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { needs } from '../../../test/needs.ts'
import { openToken, type Token, type TokenSettings } from '../index.ts'
import { asRefusal } from '../pkcs11/errors.ts'
import { type SoftToken, skipWithoutSoftToken, softToken, strangerSays, userPin } from '../soft-token.ts'

const pkcs11: typeof import('pkcs11js') = createRequire(import.meta.url)('pkcs11js')
const refuses =
  (code: RefusalCode, detail = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.code === code && detail.test(error.message) && !error.message.includes(userPin)

async function assertSigns(signer: Signer): Promise<void> {
  const octets = new Uint8Array(randomBytes(100))
  const signature = await signer.sign(octets)
  const check = { algorithm: algorithms[signer.algorithm], publicKey: signer.publicKey, octets, signature }
  assert.equal(await verifySignature(check), true)
}

describe('a token', { skip: skipWithoutSoftToken }, () => {
  let soft: SoftToken
  let settings: TokenSettings
  before(async () => {
    soft = await softToken()
    settings = await soft.add('jpki-ca')
  })
  after(() => soft[Symbol.asyncDispose]())
  const opened: Token[] = []
  afterEach(() => Promise.all(opened.splice(0).map((token) => token.close())))
  const open = async (changed: Partial<TokenSettings> = {}) => {
    const token = await openToken({ ...settings, ...changed })
    opened.push(token)
    return token
  }
  /** A second user of the same module in this process: what it does to sessions is what a fault of the token does. */
  const intruder = () => {
    const functions = new pkcs11.PKCS11()
    functions.load(soft.module)
    const [slot = assert.fail()] = functions
      .C_GetSlotList(true)
      .filter((one) => functions.C_GetTokenInfo(one).label.trim() === 'jpki-ca')
    return { functions, slot }
  }

  it('keeps a key in such a way that it cannot leave', async () => {
    const token = await open()
    const { publicKey } = await token.signer('ca-sign-1', 'rsa-2048')
    const description = await token.describe('ca-sign-1', 'rsa-2048')
    assert.equal(description.provider, 'pkcs11')
    const { attributes, token: which, id } = description as Extract<typeof description, { provider: 'pkcs11' }>
    const { CKA_EXTRACTABLE, ...others } = attributes
    assert.equal(CKA_EXTRACTABLE, false)
    assert.deepEqual([...new Set(Object.values(others))], [true])
    assert.deepEqual(
      [which.label, which.manufacturer, id],
      ['jpki-ca', 'SoftHSM project', keyIdentifier(publicKey).toHex()],
    )
  })

  it('gives a key out neither in clear nor wrapped', async () => {
    const token = await open()
    await token.signer('kept', 'rsa-2048')
    const { functions, slot } = intruder()
    const session = functions.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION)
    functions.C_FindObjectsInit(session, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
      { type: pkcs11.CKA_LABEL, value: 'kept' },
    ])
    const [key = assert.fail()] = functions.C_FindObjects(session, 1)
    functions.C_FindObjectsFinal(session)
    for (const type of [pkcs11.CKA_PRIVATE_EXPONENT, pkcs11.CKA_PRIME_1])
      assert.throws(() => functions.C_GetAttributeValue(session, key, [{ type }]), /CKR_ATTRIBUTE_SENSITIVE/)
    const leave = [{ type: pkcs11.CKA_EXTRACTABLE, value: true }]
    assert.throws(() => functions.C_SetAttributeValue(session, key, leave), /CKR_/)
    const wrapping = functions.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
      { type: pkcs11.CKA_VALUE_LEN, value: 32 },
      { type: pkcs11.CKA_WRAP, value: true },
    ])
    const wrap = () =>
      functions.C_WrapKey(session, { mechanism: pkcs11.CKM_AES_KEY_WRAP_PAD }, wrapping, key, Buffer.alloc(4096))
    assert.throws(wrap, /CKR_KEY_UNEXTRACTABLE/)
    functions.C_CloseSession(session)
  })

  it('holds keys as pkcs11-tool of OpenSC sees them', { skip: needs('pkcs11-tool') }, async () => {
    const token = await open()
    const signer = await token.signer('seen', 'p-256')
    const objects = await strangerSays(soft, 'jpki-ca', '--list-objects', '--type', 'privkey')
    const [, about = ''] = /label: *seen\n([\s\S]*?)(?:Private Key Object|$)/.exec(objects) ?? []
    assert.match(about, new RegExp(`ID: *${keyIdentifier(signer.publicKey).toHex()}`))
    assert.match(about, /Usage: *sign\n/)
    assert.match(about, /Access: *sensitive, always sensitive, never extract(?:able|ible), local/)
  })

  it('takes its PIN from a file or a variable, and never wears its tries out with one wrong PIN', async () => {
    process.env['JPKI_TEST_PIN'] = userPin
    await assertSigns(await (await open({ pin: { pinVariable: 'JPKI_TEST_PIN' } })).signer('pin', 'p-256'))
    delete process.env['JPKI_TEST_PIN']
    await assert.rejects(open({ pin: { pinVariable: 'JPKI_TEST_PIN' } }), refuses('key.not-found', /JPKI_TEST_PIN/))
    await assert.rejects(open({ pin: { pinFile: join(soft.directory, 'none') } }), refuses('key.not-found'))
    const pinFile = join(soft.directory, 'wrong-pin')
    await writeFile(pinFile, '0000-wrong\n', { mode: 0o600 })
    // SoftHSM2 counts no tries: the flag that it raises is all that it says.
    await Promise.all(opened.splice(0).map((token) => token.close()))
    await assert.rejects(open({ pin: { pinFile } }), refuses('token.pin-wrong', /how many tries/))
    await chmod(pinFile, 0o644)
    await assert.rejects(open({ pin: { pinFile } }), refuses('conditions.not-satisfied', /chmod 600/))
  })

  it('does not try a refused PIN again when the connection is lost meanwhile', async () => {
    const pinFile = join(soft.directory, 'changing-pin')
    await writeFile(pinFile, userPin, { mode: 0o600 })
    const signer = await (await open({ pin: { pinFile } })).signer('pin', 'p-256')
    await writeFile(pinFile, '0000-wrong')
    const lose = () => intruder().functions.C_CloseAllSessions(intruder().slot)
    lose()
    await assert.rejects(async () => signer.sign(Uint8Array.of(1)), refuses('token.pin-wrong', /refuses the PIN/))
    await assert.rejects(async () => signer.sign(Uint8Array.of(1)), refuses('token.pin-wrong', /not tried again/))
    await writeFile(pinFile, userPin)
    await assertSigns(signer)
  })

  it('is told missing: the module, the token, the key', async () => {
    await assert.rejects(open({ module: '/nowhere/module.so' }), refuses('tool.missing', /nowhere/))
    await assert.rejects(open({ module: import.meta.filename }), refuses('tool.missing', /can load/))
    await assert.rejects(open({ token: 'another' }), refuses('token.absent', /there are: jpki-ca/))
    const token = await open()
    const signer = await token.signer('gone', 'p-256')
    await token.erase('gone')
    await assert.rejects(async () => signer.sign(Uint8Array.of(1)), refuses('key.not-found', /gone/))
  })

  it('refuses another key that came in the place of the one known', async () => {
    const token = await open()
    const signer = await token.signer('swapped', 'p-256')
    await token.erase('swapped')
    await token.signer('swapped', 'p-256')
    const { functions, slot } = intruder()
    functions.C_CloseAllSessions(slot)
    await assert.rejects(async () => signer.sign(Uint8Array.of(1)), refuses('key.not-found', /another key/))
  })

  it('finds its way back after every session was closed, in the middle of many signatures', async () => {
    const token = await open({ sessions: 3 })
    const signers = [await token.signer('a', 'p-256'), await token.signer('b', 'rsa-2048')]
    const { functions, slot } = intruder()
    const signing = Array.from({ length: 40 }, (_, at) => assertSigns(signers[at % 2] as Signer))
    functions.C_CloseAllSessions(slot)
    await Promise.all(signing)
    functions.C_CloseAllSessions(slot)
    await assertSigns(signers[0] as Signer)
  })

  it('logs in again after a logout, and does not take hidden keys for missing ones', async () => {
    const token = await open()
    const { publicKey } = await token.signer('hidden', 'p-256')
    const { functions, slot } = intruder()
    const session = functions.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
    functions.C_Logout(session)
    assert.deepEqual((await token.find('hidden', 'p-256'))?.publicKey, publicKey)
    functions.C_CloseSession(session)
  })

  it('ends with one key at most when two make one of the same name at the same moment', async () => {
    const [one, other] = [await open(), await open()]
    const made = await Promise.allSettled([one.signer('raced', 'p-256'), other.signer('raced', 'p-256')])
    for (const outcome of made) if (outcome.status === 'rejected') assert.ok(refuses('store.busy')(outcome.reason))
    const signer = await one.signer('raced', 'p-256')
    assert.deepEqual((await other.find('raced', 'p-256'))?.publicKey, signer.publicKey)
    for (const outcome of made)
      if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value.publicKey, signer.publicKey)
  })

  it('is not confused by two keys of one name, nor by a public half alone', async () => {
    const token = await open()
    const { functions, slot } = intruder()
    const session = functions.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION)
    const generate = promisify(functions.C_GenerateKeyPair.bind(functions)) as typeof functions.C_GenerateKeyPairAsync
    const label = { type: pkcs11.CKA_LABEL, value: 'twice' }
    const lasting = { type: pkcs11.CKA_TOKEN, value: true }
    const curve = { type: pkcs11.CKA_EC_PARAMS, value: Buffer.from(algorithms.ecPublicKeyP256.parameters) }
    const mechanism = { mechanism: pkcs11.CKM_EC_KEY_PAIR_GEN }
    const stray = () => generate(session, mechanism, [lasting, label, curve], [lasting, label])
    const first = await stray()
    functions.C_DestroyObject(session, first.privateKey)
    await assertSigns(await token.signer('twice', 'p-256'))
    await stray()
    functions.C_CloseSession(session)
    const again = await open()
    await assert.rejects(again.find('twice', 'p-256'), refuses('key.already-there', /two keys/))
  })

  it('waits for what is under way before it is closed', async () => {
    const token = await openToken(settings)
    const signer = await token.signer('closing', 'rsa-2048')
    const signing = Promise.all(Array.from({ length: 12 }, () => assertSigns(signer)))
    await token.close()
    await signing
  })

  it('that is wiped while it is used is told absent or failed, never as a fault of ours', async () => {
    const other = await softToken()
    try {
      const token = await openToken(await other.add('wiped'))
      const signer = await token.signer('ca', 'p-256')
      await rm(join(other.directory, 'tokens'), { recursive: true })
      await assert.rejects(
        async () => signer.sign(Uint8Array.of(1)),
        (error) => error instanceof Refusal && /^(?:token|key)\./.test(error.code),
      )
      await token.close()
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })
})

describe('where pkcs11js is not installed', () => {
  it('keys live in files as ever, and a token is refused with what to do', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve: (specifier, context, next) => {
          if (specifier === 'pkcs11js') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' })
          return next(specifier, context)
        },
      })
      const { openKeyring, openToken } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
      const { algorithm } = await (await openKeyring(process.argv[1])).signer('ca', 'p-256')
      const settings = { module: '/x.so', token: 't', pin: { pinVariable: 'PIN' } }
      const refusal = await openToken(settings).catch((error) => error)
      console.log(algorithm, refusal.code, refusal.message)`
    const directory = await mkdtemp(join(tmpdir(), 'jpki-without-'))
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, directory])
    await rm(directory, { recursive: true })
    assert.match(stdout, /^ecdsaWithSHA256 tool\.missing .*npm rebuild pkcs11js/)
  })
})

describe('what a module answers', () => {
  const told: Readonly<Record<string, RefusalCode>> = {
    CKR_DEVICE_MEMORY: 'token.full',
    CKR_DEVICE_REMOVED: 'token.absent',
    CKR_TOKEN_NOT_PRESENT: 'token.absent',
    CKR_PIN_INCORRECT: 'token.pin-wrong',
    CKR_PIN_LEN_RANGE: 'token.pin-wrong',
    CKR_PIN_LOCKED: 'token.pin-blocked',
    CKR_MECHANISM_INVALID: 'not-supported',
    CKR_GENERAL_ERROR: 'token.failed',
    CKR_VENDOR_DEFINED: 'token.failed',
  }
  for (const [value, code] of Object.entries(told))
    it(`${value} is told as ${code}`, () => {
      const answered = asRefusal(new pkcs11.Pkcs11Error(`${value}:1`), 'Making ca with the token t')
      assert.ok(refuses(code, new RegExp(`^Making ca with the token t: ${value}\\.$`))(answered))
    })

  it('that is no answer of a module stays what it is', () => {
    const fault = new TypeError('x')
    assert.equal(asRefusal(fault, 'x'), fault)
  })
})
