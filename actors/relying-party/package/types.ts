/** Declarations that need no workspace: those that index.ts leads to, each naming the others by where they lie. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { text } from 'node:stream/consumers'

/** Where a specifier of the workspace leads, as a path from the house. */
type Ways = ReadonlyMap<string, string>

export async function writeTypes(house: string, entry: string, directory: string): Promise<void> {
  const ways = await waysOf(house)
  const emitted = await mkdtemp(join(tmpdir(), 'jpki-types-'))
  try {
    await emit(house, entry, ways, emitted)
    await copyReached(emitted, entry, ways, directory)
  } finally {
    await rm(emitted, { recursive: true })
  }
}

async function waysOf(house: string): Promise<Ways> {
  const ways = new Map<string, string>()
  for await (const file of glob('{standards,foundation,actors}/*/package.json', { cwd: house })) {
    const { name, exports = {} } = JSON.parse(await readFile(join(house, file), 'utf8'))
    for (const [key, path] of Object.entries<string>(exports))
      ways.set(`${name}${key.slice(1)}`, join(dirname(file), path))
  }
  return ways
}

/** What is found by way of node_modules is somebody else's to the compiler, so the ways are told. */
async function emit(house: string, entry: string, ways: Ways, outDir: string): Promise<void> {
  const settings = join(outDir, 'tsconfig.json')
  const paths = Object.fromEntries([...ways].map(([name, path]) => [name, [join(house, path)]]))
  const compilerOptions = {
    ...{ paths, outDir, rootDir: house, declaration: true, noEmit: false, emitDeclarationOnly: true },
    typeRoots: [join(house, 'node_modules', '@types')],
  }
  const extended = join(house, 'tsconfig.json')
  const files = [join(house, entry)]
  await writeFile(settings, JSON.stringify({ extends: extended, compilerOptions, files, include: [], exclude: [] }))
  const child = spawn(join(house, 'node_modules', '.bin', 'tsc'), ['-p', settings], { cwd: house })
  const [[status], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  if (status !== 0) throw new Error(`${out}${err}`)
}

const specifiers = /(?<=\bfrom |\bimport\()(['"])(\.[^'"]+\.ts|@mobile-jpki\/[^'"]+)\1/g
const declarationOf = (path: string): string => path.replace(/\.ts$/, '.d.ts')

async function copyReached(emitted: string, entry: string, ways: Ways, directory: string): Promise<void> {
  const reached = new Set([entry])
  for (const path of reached) {
    const source = await readFile(join(emitted, declarationOf(path)), 'utf8')
    const told = source.replace(specifiers, (_, quote: string, specifier: string) => {
      const meant = specifier.startsWith('.') ? join(dirname(path), specifier) : ways.get(specifier)
      if (meant === undefined) throw new Error(`${path} names ${specifier}`)
      reached.add(meant)
      const way = relative(dirname(path), meant).replace(/\.ts$/, '.js')
      return `${quote}${way.startsWith('.') ? way : `./${way}`}${quote}`
    })
    const target = join(directory, declarationOf(path))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, told)
  }
}
