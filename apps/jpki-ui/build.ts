/** Builds pages into `dist/`: the app, as the app provider serves it, and whoever else is made like it. Done again only when the sources have changed. */
import { createHash } from 'node:crypto'
import { access, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface BuiltApp {
  readonly directory: string
  readonly version: string
}

export interface Pages {
  /** Where the pages stand, and their `dist/`. */
  readonly root: string
  readonly pages: readonly string[]
  /** The folder of the package that the pages are of, where it is not `root`. */
  readonly of?: string
}

const here = import.meta.dirname

/** All that a bundle is made from: its package, the app whose look it shares, and the packages that both may import. */
const sourcesOf = ({ root, of = root }: Pages): readonly string[] => [
  ...new Set([of, here]),
  ...['standards', 'foundation', 'actors'].map((floor) => join(here, '..', '..', floor)),
]

async function versionOfSources(sources: readonly string[]): Promise<string> {
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

export const buildApp = (): Promise<BuiltApp> => buildPages({ root: here, pages: ['index.html'] })

/** Each version in a folder of its own: several may be built, or read, at the same time. */
export async function buildPages(pages: Pages): Promise<BuiltApp> {
  const version = await versionOfSources(sourcesOf(pages))
  const directory = join(pages.root, 'dist', version)
  if (!(await exists(directory))) {
    const fresh = `${directory}.${process.pid}`
    await bundle(pages, fresh)
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

/** Everything in files of our own: the pages are served under `default-src 'self'`. */
async function bundle({ root, pages }: Pages, outDir: string): Promise<void> {
  const [{ build }, react, tailwind] = await Promise.all([
    import('vite'),
    import('@vitejs/plugin-react'),
    import('@tailwindcss/vite'),
  ])
  await build({
    root,
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
      rolldownOptions: { input: pages.map((page) => join(root, page)) },
    },
  })
}
