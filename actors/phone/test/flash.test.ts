/** What the phone keeps: sealed, whole or not at all; and the app, as signed or not at all (①). */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openKeyring } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import fc from 'fast-check'
import { type AppProvider, fetchApp } from '../domain/app.ts'
import type { Flash } from '../index.ts'
import { flashIn, visitsIn } from '../store/flash.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-flash-'))
})
after(() => rm(directory, { recursive: true }))

let made = 0
/** A flash of its own; `again` is the same one after the phone was switched off and on. */
async function flash() {
  const place = join(directory, String(++made))
  const again = async () => flashIn(join(place, 'flash'), await openKeyring(join(place, 'keys')))
  const files = async () => {
    const entries = await readdir(join(place, 'flash'), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  }
  return { place, again, files, ...(await again()) }
}

const text = (octets: Uint8Array | undefined) => octets && new TextDecoder().decode(octets)
const octets = (content: string) => new TextEncoder().encode(content)
const session = '00000000-0000-4000-8000-000000000001'

describe('the flash', () => {
  it('remembers over a restart what was written last', async () => {
    const { write, again } = await flash()
    await write('download', 'one')
    await write('download', 'two')
    await write('application', 'three')
    await write('application', undefined)
    await write('application', undefined)
    const { read } = await again()
    assert.deepEqual(
      [await read('download'), await read('application'), await read('none')],
      ['two', undefined, undefined],
    )
  })
  it('keeps every write whole when many come at once', async () => {
    const { write, read, files } = await flash()
    const values = Array.from({ length: 20 }, (_, at) => String(at).repeat(1000))
    await Promise.all(values.map((value) => write('download', value)))
    assert.equal(await read('download'), values.at(-1))
    assert.equal((await files()).length, 1)
  })
  it('shows nothing of it at rest, and opens nothing that was changed or exchanged', async () => {
    const { write, read, files } = await flash()
    await write('download', 'a very secret session')
    await write('application', 'another')
    const [application = '', download = ''] = (await files()).sort()
    for (const file of [application, download]) assert.ok(!(await readFile(file)).includes('secret'))
    const sealed = await readFile(download)
    await writeFile(application, sealed)
    await assert.rejects(read('application'))
    sealed.writeUInt8(sealed.readUInt8(20) ^ 1, 20)
    await writeFile(download, sealed)
    await assert.rejects(read('download'))
  })
  it('keeps the agent’s visits where the app cannot name them', async () => {
    const one = await flash()
    const visits = [{ url: 'https://sp.example/', sessionId: session, tsm: 'sp-tsm' as const }]
    await visitsIn(one).save(visits)
    assert.deepEqual(await visitsIn(await one.again()).load(), visits)
    for (const file of await one.files()) assert.doesNotMatch(file, /\/[a-z-]{1,32}\.sealed$/)
    await visitsIn(one).save([])
    assert.deepEqual([await visitsIn(one).load(), await one.files()], [[], []])
  })
})

const provider = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { x = '', y = '' } = provider.publicKey.export({ format: 'jwk' })
const point = new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]))

interface Offer {
  readonly name?: string
  readonly files?: Record<string, string>
  readonly paths?: readonly string[]
  readonly manifest?: (text: string) => string
  readonly signed?: (text: string) => string
  readonly served?: (content: string) => string
  readonly size?: number
}

/** A provider that can go wrong in one way. */
function offering(offer: Offer = {}): AppProvider {
  const { name = 'jpki-ui', files = { 'index.html': '<!doctype html>', 'assets/app.js': 'run()' }, size } = offer
  const byHash = new Map<string, Uint8Array>()
  const listed = Object.entries(files).map(([path, content]) => {
    const digest = createHash('sha256').update(content).digest()
    byHash.set(digest.toString('hex'), octets(offer.served?.(content) ?? content))
    return { path, size: size ?? content.length, sha256: digest.toString('base64') }
  })
  const honest = JSON.stringify({ name, version: '1', files: listed })
  const manifest = offer.manifest?.(honest) ?? honest
  const key = { key: provider.privateKey, dsaEncoding: 'ieee-p1363' } as const
  const signature = sign('sha256', octets(offer.signed?.(manifest) ?? manifest), key)
  return {
    app: 'jpki-ui',
    manifest: async () => ({ manifest: octets(manifest), signature: new Uint8Array(signature) }),
    file: async (sha256) => byHash.get(sha256) ?? new Uint8Array(),
  }
}

const install = async (to: Pick<Flash, 'saveApp'>, offer?: Offer) => to.saveApp(await fetchApp(offering(offer), point))
const isRefused = (error: unknown) =>
  error instanceof Refusal && error.code === 'request.malformed' && error.whose === 'app-provider'

describe('① the app', () => {
  it('is installed as signed, and a later one takes its place', async () => {
    const { saveApp, appFile, again, files } = await flash()
    assert.equal(await appFile('index.html'), undefined)
    await install({ saveApp })
    assert.equal(text(await (await again()).appFile('assets/app.js')), 'run()')
    await install({ saveApp }, { files: { 'index.html': 'newer' } })
    assert.deepEqual([text(await appFile('index.html')), await appFile('assets/app.js')], ['newer', undefined])
    assert.equal((await files()).length, 2, 'nothing is left of the earlier one')
  })

  const wrong: Record<string, Offer> = {
    'that the provider did not sign': { signed: (manifest) => `${manifest} ` },
    'by another name, if signed': { name: 'another-app' },
    'of which a file is not the signed one': { served: (content) => content.replace('run', 'pwn') },
    'of which a file has another length': { size: 3 },
    'of which a file is missing': { served: () => '' },
    'whose manifest is no JSON': { manifest: () => 'none' },
    'whose manifest is of another format': { manifest: () => '{"name":"jpki-ui"}' },
  }
  const paths = ['../out', '/etc/passwd', 'a/../../b', '..', '.hidden', '', 'a\\..\\b', 'a\0b', '%2e%2e/x']
  for (const path of paths)
    wrong[`with a file at ${JSON.stringify(path)}`] = { files: { 'index.html': 'x', [path]: 'y' } }

  for (const [what, offer] of Object.entries(wrong))
    it(`is not installed ${what}, and the one before stays`, async () => {
      const { saveApp, appFile, files } = await flash()
      await install({ saveApp })
      const before = await files()
      await assert.rejects(install({ saveApp }, offer), isRefused)
      assert.deepEqual(await files(), before)
      assert.equal(text(await appFile('index.html')), '<!doctype html>')
    })

  it('is still the one before when the power fails while a later one is written', async () => {
    const { saveApp, again } = await flash()
    await install({ saveApp })
    const app = await fetchApp(offering({ files: { 'index.html': 'newer', 'z.js': 'z' } }), point)
    const files = new Map(app.files)
    files[Symbol.iterator] = function* () {
      yield ['index.html', octets('newer')] as [string, Uint8Array]
      throw new Error('power')
    }
    await assert.rejects(saveApp({ ...app, files }), /power/)
    const { appFile, saveApp: save } = await again()
    assert.equal(text(await appFile('index.html')), '<!doctype html>')
    await save(app)
    assert.equal(text(await appFile('index.html')), 'newer')
  })
  it('gives out its own files alone, whatever is asked for', async () => {
    const { saveApp, appFile, write } = await flash()
    await install({ saveApp })
    await write('download', 'secret')
    for (const path of [
      '../../installed',
      '../../storage/download.sealed',
      '..',
      '.',
      '',
      'assets',
      '/etc/passwd',
      'a\0',
    ])
      assert.equal(await appFile(path), undefined, path)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('..', '.', 'assets', 'app.js', 'x', '')), async (parts) => {
        const found = await appFile(parts.join('/'))
        assert.ok(found === undefined || text(found) === 'run()')
      }),
      { numRuns: 100 },
    )
  })
})
