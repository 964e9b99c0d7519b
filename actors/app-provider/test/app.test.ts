/** ①: the app as the provider signed it, and not as somebody changed it afterwards. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { verifyP256 } from '@mobile-jpki/jpki'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { call, connectTo } from '@mobile-jpki/service'
import { AppManifest, getApp, getAppFile } from '../contract.ts'
import { start } from '../main.ts'

const files = { 'index.html': '<!doctype html>', 'assets/app-1a2b.js': 'run()', 'assets/deep/style.css': 'a{}' }
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const isNotFound = (error: unknown) => error instanceof Refusal && error.code === 'reference.not-found'

let directory = ''
let appDirectory = ''
let certificates: Awaited<ReturnType<typeof openServiceCertificates>>
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-app-provider-'))
  appDirectory = join(directory, 'app')
  certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(appDirectory, path, '..'), { recursive: true })
    await writeFile(join(appDirectory, path), content)
  }
  await writeFile(join(directory, 'secret'), 'not of the app')
  await symlink(join(directory, 'secret'), join(appDirectory, 'link.txt'))
})
after(() => rm(directory, { recursive: true }))

async function provider(changes: Partial<Parameters<typeof start>[0]> = {}) {
  const identity = await certificates.identityOf('app-provider')
  const dataDirectory = join(directory, 'data')
  const server = await start({ dataDirectory, port: 0, appDirectory, version: '1.0', ...changes }, { identity })
  const { serviceCa } = certificates
  const peer = connectTo({ url: server.url, actor: 'app-provider', as: 'phone', tls: { serviceCa } })
  return {
    point: server.point,
    app: () => call(peer, getApp, { name: 'jpki-ui' }),
    file: async (hash: string) =>
      new TextDecoder().decode((await call(peer, getAppFile, { name: 'jpki-ui', sha256: hash })).content),
    other: () => call(peer, getApp, { name: 'another' }),
    close: async () => {
      await peer.close()
      await server.close()
    },
  }
}
const manifestIn = (octets: Uint8Array) => AppManifest.parse(JSON.parse(new TextDecoder().decode(octets)))

describe('the app provider', () => {
  it('signs a list of exactly the files of the app, and serves each by its hash', async () => {
    for (const folder of [appDirectory, `${appDirectory}/`, join(appDirectory, '..', 'app')]) {
      const { point, app, file, close } = await provider({ appDirectory: folder })
      const { manifest, signature } = await app()
      assert.equal(await verifyP256(point, manifest, signature), true)
      const { name, version, files: listed } = manifestIn(manifest)
      assert.deepEqual([name, version], ['jpki-ui', '1.0'])
      assert.deepEqual(
        listed.map(({ path, size, sha256: hash }) => [path, size, hash.toHex()]),
        Object.entries(files)
          .map(([path, content]) => [path, content.length, sha256(content)])
          .sort(),
      )
      for (const content of Object.values(files)) assert.equal(await file(sha256(content)), content)
      await close()
    }
  })
  it('signs with the same key after a restart', async () => {
    const one = await provider()
    await one.close()
    const other = await provider({ version: '1.1' })
    assert.deepEqual(other.point, one.point)
    await other.close()
  })
  it('does not cover a manifest that was changed by one octet', async () => {
    const { point, app, close } = await provider()
    const { manifest, signature } = await app()
    for (const [place, octet] of manifest.entries())
      assert.equal(await verifyP256(point, manifest.with(place, octet ^ 1), signature), false)
    assert.equal(await verifyP256(point, manifest, signature.with(9, (signature[9] ?? 0) ^ 1)), false)
    await close()
  })
  it('serves what it signed, though the folder was changed since', async () => {
    const { app, file, close } = await provider()
    await writeFile(join(appDirectory, 'index.html'), 'defaced')
    assert.equal(await file(sha256(files['index.html'])), files['index.html'])
    await assert.rejects(file(sha256('defaced')), isNotFound)
    assert.equal(manifestIn((await app()).manifest).files[2]?.sha256.toHex(), sha256(files['index.html']))
    await writeFile(join(appDirectory, 'index.html'), files['index.html'])
    await close()
  })
  it('has no other app, and no file but those of the app', async () => {
    const { other, file, close } = await provider()
    await assert.rejects(other(), isNotFound)
    await assert.rejects(file(sha256('not of the app')), isNotFound)
    await assert.rejects(file('../secret'), Refusal)
    await close()
  })
  it('does not start over a file that no phone would take', async () => {
    const odd = join(directory, 'odd')
    await mkdir(odd)
    await writeFile(join(odd, 'a b.js'), '')
    await assert.rejects(provider({ appDirectory: odd }))
  })
})
