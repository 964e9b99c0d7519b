/** アプリ提供事業者: the JPKI-UI app as a signed list of files, step ①. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { plainEcdsaSignature } from '@mobile-jpki/pkix'
import type { Signer } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import { z } from 'zod'
import { AppManifest, getApp, getAppFile } from './contract.ts'

export interface App {
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Reads and signs what was built; `directory` holds the app and nothing else. */
export async function packageApp(name: string, version: string, directory: string, signer: Signer): Promise<App> {
  const paths = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort()
  const files = new Map<string, Uint8Array>()
  const listed = await Promise.all(
    paths.map(async (path) => {
      const content = new Uint8Array(await readFile(join(directory, path)))
      const sha256 = new Uint8Array(createHash('sha256').update(content).digest())
      files.set(sha256.toHex(), content)
      return { path, size: content.length, sha256 }
    }),
  )
  const text = JSON.stringify(z.encode(AppManifest, { name, version, files: listed }))
  const manifest = new TextEncoder().encode(text)
  return { manifest, signature: plainEcdsaSignature(await signer.sign(manifest)), files }
}

export const appProvider = (apps: ReadonlyMap<string, App>): readonly Route[] => {
  const appNamed = (name: string): App => {
    const app = apps.get(name)
    if (app === undefined) throw new Refusal('reference.not-found', `There is no app ${name}.`)
    return app
  }
  return [
    serve(getApp, ({ name }) => {
      const { manifest, signature } = appNamed(name)
      return { manifest, signature }
    }),
    serve(getAppFile, ({ name, sha256 }) => {
      const content = appNamed(name).files.get(sha256)
      if (content === undefined) throw new Refusal('reference.not-found', 'The app has no such file.')
      return { content }
    }),
  ]
}
