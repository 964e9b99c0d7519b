/**
 * Makes the package that strangers install: one module that needs nothing but Node, and its types. docs/decisions/0026-library.md.
 * `node actors/relying-party/package/build.ts DIRECTORY`, then `npm publish DIRECTORY`.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { writeTypes } from './types.ts'

const room = join(import.meta.dirname, '..')
const house = join(room, '..', '..')
const entry = 'actors/relying-party/index.ts'

export async function buildPackage(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await Promise.all([bundle(directory), writeTypes(house, entry, join(directory, 'types')), describe(directory)])
}

async function bundle(directory: string): Promise<void> {
  const build = await rolldown({
    input: join(house, entry),
    platform: 'node',
    // Our rooms do nothing on import but declare.
    treeshake: { moduleSideEffects: false, manualPureFunctions: ['endpoint'] },
  })
  try {
    const { output } = await build.write({ dir: directory, format: 'esm', entryFileNames: 'index.js' })
    const [{ imports }] = output
    const foreign = imports.filter((name) => !name.startsWith('node:'))
    if (output.length !== 1 || foreign.length > 0) throw new Error(`the package would need ${foreign.join(', ')}`)
  } finally {
    await build.close()
  }
}

async function describe(directory: string): Promise<void> {
  const { name, version, license } = JSON.parse(await readFile(join(room, 'package.json'), 'utf8'))
  const manifest = {
    name,
    version,
    license,
    description:
      'Log people in with the JPKI certificate in their phone or their My Number card: challenge, verify, revocation, linkage',
    type: 'module',
    exports: { '.': { types: './types/actors/relying-party/index.d.ts', default: './index.js' } },
    engines: { node: '>=25' },
    peerDependencies: { '@types/node': '*' },
    peerDependenciesMeta: { '@types/node': { optional: true } },
  }
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  await copyFile(join(house, 'docs', 'relying-party.md'), join(directory, 'README.md'))
  await copyFile(join(house, 'LICENSE'), join(directory, 'LICENSE'))
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2)
  if (directory === undefined) throw new TypeError('say the directory that the package goes to')
  await buildPackage(directory)
}
