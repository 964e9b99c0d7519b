/**
 * npm writes into package-lock.json the optional packages of every platform, but holds only those that it could fetch;
 * `npm ci` then refuses the file. `node test/lock.ts` takes out what is named and not held. Run it after `npm install`.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const house = join(import.meta.dirname, '..')
const file = join(house, 'package-lock.json')

interface Lock {
  readonly packages: Record<string, { optionalDependencies?: Record<string, string> }>
}

export const readLock = (): Lock => JSON.parse(readFileSync(file, 'utf8'))

/** Optional packages that the lock names and does not hold. */
export function dangling({ packages }: Lock): readonly string[] {
  const held = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  return Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !held.has(name))
}

function prune(): void {
  const lock = readLock()
  const gone = new Set(dangling(lock))
  for (const entry of Object.values(lock.packages)) {
    if (entry.optionalDependencies === undefined) continue
    const kept = Object.entries(entry.optionalDependencies).filter(([name]) => !gone.has(name))
    if (kept.length > 0) entry.optionalDependencies = Object.fromEntries(kept)
    else delete entry.optionalDependencies
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  // What is installed has not changed: ./jpki need not install again.
  if (existsSync(join(house, 'node_modules'))) copyFileSync(file, join(house, 'node_modules', '.jpki-installed'))
  process.stdout.write(`${gone.size} optional packages taken out of package-lock.json\n`)
}

if (import.meta.main) prune()
