/** What OpenSSL says of our OCSP answers: to each way of asking, of each status, at any time. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { needs } from '../../../../test/needs.ts'
import { enrolled, ordered, revoke, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { refreshing } from '../ocsp/refresh.ts'

const run = promisify(execFile)
const lifeMilliseconds = 12 * 3_600_000

describe('OpenSSL, which asks', { skip: needs('openssl') }, () => {
  let world: Surroundings
  let directory = ''
  let refresh: () => Promise<number>
  before(async () => {
    world = await surroundings()
    directory = await mkdtemp(join(tmpdir(), 'jpki-ocsp-'))
    await writeFile(join(directory, 'ca.pem'), pem(world.authorities.current('sign').certificate))
    const register = { ...world.register, keep: world.register.statuses.keep }
    const onFault = (error: unknown) => assert.ifError(error)
    refresh = refreshing({ ...world, ...world.validity, register, lifeMilliseconds, onFault })
  })
  after(async () => {
    await world.close()
    await rm(directory, { recursive: true })
  })

  const openssl = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run('openssl', ['ocsp', ...args], { cwd: directory }).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
    return stdout + stderr
  }
  /** OpenSSL writes the request and reads the answer; the clock is the one of this world. */
  async function ask(...about: string[]): Promise<string> {
    await openssl('-issuer', 'ca.pem', ...about, '-reqout', 'request.der')
    const { der } = await world.validity.answer(await readFile(join(directory, 'request.der')))
    await writeFile(join(directory, 'response.der'), der)
    const at = String(Math.floor(world.now().getTime() / 1000))
    const always = ['-validity_period', '999999999', '-attime', at]
    // With the request itself, openssl would ask everything a second time; nonces are checked over sockets in test/strangers.test.ts.
    return openssl(
      '-respin',
      'response.der',
      '-no_nonce',
      '-issuer',
      'ca.pem',
      ...about,
      '-CAfile',
      'ca.pem',
      ...always,
    )
  }
  async function enrolOne(name: string): Promise<string> {
    const { sign } = await enrolled(world)
    await writeFile(join(directory, `${name}.pem`), pem(sign.der))
    return sign.serialNumber
  }

  it('with a nonce, without one, and by SHA-256, hears the same', async () => {
    const serialNumber = await enrolOne('one')
    while ((await refresh()) > 0);
    const ways = [
      ['-cert', 'one.pem'],
      ['-no_nonce', '-cert', 'one.pem'],
      ['-sha256', '-no_nonce', '-cert', 'one.pem'],
    ]
    for (const way of ways) assert.match(await ask(...way), /one\.pem: good[\s\S]*Response verify OK/)
    await revoke(world, { authority: 'sign', serialNumber, reason: 'keyCompromise' })
    for (const way of ways)
      assert.match(await ask(...way), /one\.pem: revoked[\s\S]*Reason: keyCompromise[\s\S]*Response verify OK/)
  })

  it('about several at once, hears of each', async () => {
    await enrolOne('good')
    const reasons = { held: 'certificateHold', moved: 'affiliationChanged' } as const
    for (const [name, reason] of Object.entries(reasons))
      await revoke(world, { authority: 'sign', serialNumber: await enrolOne(name), reason })
    const said = await ask(
      '-cert',
      'good.pem',
      '-cert',
      'held.pem',
      '-cert',
      'moved.pem',
      '-serial',
      '0x4123456789abcdef',
    )
    assert.match(said, /Response verify OK/)
    assert.match(said, /good\.pem: good/)
    assert.match(said, /held\.pem: revoked[\s\S]*Reason: certificateHold/)
    assert.match(said, /moved\.pem: revoked[\s\S]*Reason: affiliationChanged/)
    assert.match(said, /0x4123456789abcdef: unknown/)
  })

  it('about a phone that nobody has yet, hears nothing good', async () => {
    const { certificate } = await ordered(world, await enrolled(world))
    await writeFile(join(directory, 'ca.pem'), pem(world.authorities.current('auth').certificate))
    assert.match(await ask('-serial', `0x${certificate.serialNumber}`), /: unknown[\s\S]*Response verify OK/)
    await writeFile(join(directory, 'ca.pem'), pem(world.authorities.current('sign').certificate))
  })

  it('after the end of a certificate, hears how it was then, and since when that is known', async () => {
    await enrolOne('old')
    world.at('2032-01-01T00:00:00Z')
    assert.match(await ask('-cert', 'old.pem'), /old\.pem: good[\s\S]*Response verify OK/)
    assert.match(
      await openssl('-respin', 'response.der', '-noverify', '-text'),
      /OCSP Archive Cutoff: *\n? *Apr +1 03:00:00 2026/,
    )
    world.at('2026-04-01T03:00:00Z')
  })
})

const pem = (der: Uint8Array): string => `-----BEGIN CERTIFICATE-----\n${der.toBase64()}\n-----END CERTIFICATE-----\n`
