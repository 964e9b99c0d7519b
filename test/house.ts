/** The house as its tests see it: packages, files, imports. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const house = join(import.meta.dirname, '..')

/** From the ground up. */
export const floors = ['standards', 'foundation', 'actors', 'apps', 'system'] as const
export type Floor = (typeof floors)[number]

export interface SourceFile {
  /** From the house's door, with slashes. */
  readonly path: string
  /** From the package's own folder. */
  readonly inside: string
  readonly text: string
  readonly isTest: boolean
}

export interface Package {
  readonly name: string
  readonly folder: string
  readonly floor: Floor
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
  readonly files: readonly SourceFile[]
}

const built = new Set(['node_modules', 'dist', '.git'])

export const filesMatching = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: house, exclude: (name) => name.split(sep).some((part) => built.has(part)) })
    .map((path) => path.split(sep).join('/'))
    .sort()

export const read = (path: string): string => readFileSync(join(house, path), 'utf8')
export const exists = (path: string): boolean => existsSync(join(house, path))

const packageIn = (manifest: string): Package => {
  const folder = manifest.replace('/package.json', '')
  const declared = JSON.parse(read(manifest))
  const files = filesMatching(`${folder}/**/*.{ts,tsx}`).map((path) => {
    const inside = relative(folder, path).split(sep).join('/')
    return { path, inside, text: read(path), isTest: /(^|\/)(?:test|stories)\/|\.test\.tsx?$/.test(inside) }
  })
  return {
    name: declared.name,
    folder,
    floor: folder.split('/')[0] as Floor,
    exports: declared.exports ?? {},
    dependencies: new Set(Object.keys({ ...declared.dependencies, ...declared.optionalDependencies })),
    devDependencies: new Set(Object.keys(declared.devDependencies ?? {})),
    files,
  }
}

export const packages: readonly Package[] = filesMatching(
  '{{standards,foundation,actors,apps}/*,system}/package.json',
).map(packageIn)
export const packageNamed = new Map(packages.map((one) => [one.name, one]))

export interface Import {
  readonly specifier: string
  /** Gone before the program runs. */
  readonly typeOnly: boolean
}

const statement =
  /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

export const importsOf = ({ text }: SourceFile): readonly Import[] =>
  [...text.matchAll(statement)].flatMap(([, typeOnly, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic
    return specifier === undefined ? [] : [{ specifier, typeOnly: typeOnly !== undefined }]
  })

/** The package that a specifier names: `@mobile-jpki/tlv/x` is of `@mobile-jpki/tlv`. */
export const packageNameOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** The file that a specifier means, if it is one of ours. */
export function fileMeant(from: SourceFile, specifier: string): string | undefined {
  if (specifier.startsWith('.'))
    return relative(house, join(house, from.path, '..', specifier))
      .split(sep)
      .join('/')
  const target = packageNamed.get(packageNameOf(specifier))
  if (target === undefined) return undefined
  const file = target.exports[`.${specifier.slice(target.name.length)}`]
  return file === undefined ? undefined : `${target.folder}/${file.replace('./', '')}`
}
