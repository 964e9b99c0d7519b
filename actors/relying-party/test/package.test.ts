/** The package in a stranger's folder: packed, installed without network, used by plain Node and by a strict compiler, and by nothing of ours. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { call } from '@mobile-jpki/service/call'
import { openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { beginLogin, getOutcome } from '../contract.ts'
import { buildPackage } from '../package/build.ts'
import { answered } from './phone.ts'

const run = promisify(execFile)
const bin = join(import.meta.dirname, '..', '..', '..', 'node_modules')

const program = `
import { createServer } from 'node:http'
import { expressLogin, jpki } from '@mobile-jpki/relying-party'

const [port, anchor] = process.argv.slice(2)
const site = jpki({
  origin: \`http://127.0.0.1:\${port}\`,
  name: 'Stranger',
  appUrl: 'https://app.example',
  anchors: [anchor],
})
const login = expressLogin(site, {
  session: ({ account }) => ({ 'set-cookie': \`session=\${account}; HttpOnly; Secure; SameSite=Lax; Path=/\` }),
})
createServer((request, response) => login(request, response, () => response.writeHead(404).end()))
  .listen(Number(port), '127.0.0.1', () => console.log('ready'))
`

const typed = `
import { createServer } from 'node:http'
import { type Accepted, expressLogin, type Jpki, jpki, linkageAt, type LoginVerdict, refusalOfLogin } from '@mobile-jpki/relying-party'

const site: Jpki = jpki({
  origin: 'https://shop.example',
  name: 'Shop',
  appUrl: 'https://app.example',
  anchors: [new Uint8Array()],
  accept: ['phone'],
  linkage: linkageAt({ url: 'https://jpki.example', key: '', certificate: '', serviceCa: '' }),
  status: { reuse: 'untilNextUpdate' },
})
export function said(verdict: LoginVerdict): string {
  switch (verdict.state) {
    case 'good':
      return verdict.account satisfies Accepted['account']
    case 'revoked':
      return \`\${verdict.reason} at \${verdict.at.toISOString()}\`
    case 'stale':
      return verdict.nextUpdate?.toISOString() ?? verdict.why
    default:
      return refusalOfLogin(verdict).code
  }
}
createServer((request, response) => expressLogin(site)(request, response, () => response.end()))
`

/** There is no such state. */
const wrong = `
import type { LoginVerdict } from '@mobile-jpki/relying-party'
export const fine = (verdict: LoginVerdict) => verdict.state === 'fine'
`

describe('the package', () => {
  let authority: TestAuthority
  let folder = ''
  before(async () => {
    authority = await openTestAuthority('auth')
    folder = await mkdtemp(join(tmpdir(), 'jpki-stranger-'))
    const built = join(folder, 'built')
    await buildPackage(built)
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: built })
    await rm(built, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }')
    const quiet = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier', '--omit=peer']
    await run('npm', ['install', ...quiet, join(folder, stdout.trim())], { cwd: folder })
  })
  after(async () => {
    await authority.close()
    await rm(folder, { recursive: true })
  })

  it('needs no other package', async () => {
    const installed = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))
    assert.deepEqual(installed, ['@mobile-jpki'])
    assert.deepEqual(await readdir(join(folder, 'node_modules', '@mobile-jpki')), ['relying-party'])
    const room = join(folder, 'node_modules', '@mobile-jpki', 'relying-party')
    assert.ok((await stat(join(room, 'index.js'))).size < 500_000)
    assert.match(await readFile(join(room, 'README.md'), 'utf8'), /npm install/)
  })

  it('logs a person in, from a program of a few lines', async () => {
    const file = join(folder, 'site.mjs')
    await writeFile(file, program)
    const port = await freePort()
    const child = spawn(process.execPath, [file, String(port), authority.certificate.der.toBase64()], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(createInterface(child.stdout), 'line')
      const peer = { url: `http://127.0.0.1:${port}`, actor: 'relying-party' } as const
      const phone = await authority.issue('phoneAuth')
      const login = await call(peer, beginLogin, {})
      await answered(peer, login, phone)
      const outcome = await call(peer, getOutcome, login)
      assert.deepEqual(outcome, { state: 'accepted', serialNumber: phone.serialNumber })
      const late = await call(peer, beginLogin, {})
      authority.statuses.set(phone.serialNumber, { status: 'revoked', revokedAt: new Date(0), reason: 'keyCompromise' })
      await assert.rejects(answered(peer, late, phone), { code: 'certificate.revoked' })
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })

  it('has types that a strict compiler takes, declarations and all', async () => {
    await writeFile(join(folder, 'typed.ts'), typed)
    await symlink(join(bin, '@types'), join(folder, 'node_modules', '@types'))
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'esnext', '--types', 'node']
    const compiled = (file: string) =>
      run(join(bin, '.bin', 'tsc'), [...strict, '--module', 'nodenext', file], { cwd: folder })
    await compiled('typed.ts')
    await writeFile(join(folder, 'wrong.ts'), wrong)
    await assert.rejects(compiled('wrong.ts'), ({ stdout }: { stdout: string }) => /^wrong\.ts.* TS2367/.test(stdout))
  })
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
