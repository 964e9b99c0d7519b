/** Builds the app into `dist/`, as the app provider serves it. Done again only when its sources changed. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface BuiltApp {
  readonly directory: string
  readonly version: string
}

const here = import.meta.dirname
const directory = join(here, 'dist')
const stamp = join(here, 'dist.version')

/** All that the bundle is made from: the app and the packages that it may import. */
const sources = [here, ...['standards', 'foundation', 'actors'].map((floor) => join(here, '..', '..', floor))]

async function versionOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const root of sources) {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile() && /\.(tsx?|css|html|svg)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/[\\/](node_modules|dist|test)[\\/]/.test(file))
      .sort()
    for (const file of files) hash.update(file.slice(root.length)).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 12)
}

export async function buildApp(): Promise<BuiltApp> {
  const version = await versionOfSources()
  const built = await readFile(stamp, 'utf8').catch(() => '')
  if (built === version) return { directory, version }
  const { build } = await import('vite')
  const fresh = `${directory}.${process.pid}`
  await build({
    root: here,
    configFile: join(here, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: fresh, emptyOutDir: true },
  })
  await rm(directory, { recursive: true, force: true })
  await rename(fresh, directory)
  await writeFile(stamp, version)
  return { directory, version }
}
