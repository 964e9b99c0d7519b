/** Builds the app into `dist/`, as the app provider serves it. Done again only when its sources have changed. */
import { createHash } from 'node:crypto'
import { access, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface BuiltApp {
  readonly directory: string
  readonly version: string
}

const here = import.meta.dirname

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

/** Each version in a folder of its own: several may be built, or read, at the same time. */
export async function buildApp(): Promise<BuiltApp> {
  const version = await versionOfSources()
  const directory = join(here, 'dist', version)
  if (!(await exists(directory))) {
    const fresh = `${directory}.${process.pid}`
    await bundle(fresh)
    await rename(fresh, directory).catch(async (error: unknown) => {
      await rm(fresh, { recursive: true, force: true })
      if (!(await exists(directory))) throw error
    })
  }
  return { directory, version }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Everything in files of our own: the phone serves the app under `default-src 'self'`. */
async function bundle(outDir: string): Promise<void> {
  const [{ build }, react, tailwind] = await Promise.all([
    import('vite'),
    import('@vitejs/plugin-react'),
    import('@tailwindcss/vite'),
  ])
  await build({
    root: here,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [react.default(), tailwind.default()],
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  })
}
