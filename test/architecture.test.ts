/** The plan of the house, as a test: ARCHITECTURE.md says it, this holds it. */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import {
  exists,
  fileMeant,
  filesMatching,
  floors,
  importsOf,
  type Package,
  packageNamed,
  packageNameOf,
  packages,
  read,
} from './house.ts'
import { dangling, readLock } from './lock.ts'

const actors = packages.filter(({ floor }) => floor === 'actors')
const everyFile = packages.flatMap(({ files }) => files)
const everyImport = packages.flatMap((one) =>
  one.files.flatMap((file) =>
    importsOf(file).map((found) => ({ one, file, ...found, where: `${file.path} → ${found.specifier}` })),
  ),
)
/** Published alone, for strangers: what they may see, our own services may see. docs/decisions/0023-published-packages.md */
const published = new Set(['@mobile-jpki/relying-party', '@mobile-jpki/terminal'])
/** What every test may use. */
const testBench = new Set(Object.keys(JSON.parse(read('package.json')).devDependencies))
const none = (found: readonly string[], what: string) => assert.deepEqual(found, [], what)

describe('the floors of the house', () => {
  it('imports point down or stay on the floor', () => {
    const upwards = everyImport.filter(({ one, specifier }) => {
      const other = packageNamed.get(packageNameOf(specifier))
      return other !== undefined && floors.indexOf(other.floor) > floors.indexOf(one.floor)
    })
    none(
      upwards.map(({ where }) => where),
      'these point upwards',
    )
  })

  it('an actor is seen by others only through its contract, except by the system', () => {
    const through = everyImport.filter(({ one, specifier }) => {
      const other = packageNamed.get(packageNameOf(specifier))
      return (
        other?.floor === 'actors' &&
        other !== one &&
        one.floor !== 'system' &&
        !specifier.endsWith('/contract') &&
        !published.has(specifier)
      )
    })
    none(
      through.map(({ where }) => where),
      'these look behind a contract',
    )
  })

  it('what is imported is declared, and exported by whom it is asked of', () => {
    const undeclared = everyImport.filter(({ one, file, specifier, typeOnly }) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return false
      const name = packageNameOf(specifier)
      const inTests = one.devDependencies.has(name) || testBench.has(name)
      const declared = one.dependencies.has(name) || ((file.isTest || typeOnly) && inTests)
      return name !== one.name && !declared
    })
    none(
      undeclared.map(({ where }) => where),
      'these are not declared in package.json',
    )
    const hidden = everyImport.filter(
      ({ file, specifier }) => packageNamed.has(packageNameOf(specifier)) && fileMeant(file, specifier) === undefined,
    )
    none(
      hidden.map(({ where }) => where),
      'these are not exported',
    )
  })

  it('relative imports stay inside their package; only the test bench of the house is shared', () => {
    const outside = everyImport.filter(({ one, file, specifier }) => {
      if (!specifier.startsWith('.')) return false
      const meant = fileMeant(file, specifier) ?? ''
      const isBench = meant.startsWith('test/') || (one.floor === 'system' && file.isTest && meant.includes('/test/'))
      return !meant.startsWith(`${one.folder}/`) && !isBench
    })
    none(
      outside.map(({ where }) => where),
      'these leave their package',
    )
  })
})

describe('package-lock.json', () => {
  it('holds all that it names, or npm ci refuses it', () => {
    none(dangling(readLock()), 'node test/lock.ts takes these out')
  })
})

describe('the standards', () => {
  const sources = packages
    .filter(({ floor }) => floor === 'standards')
    .flatMap(({ files }) => files)
    .filter(({ isTest }) => !isTest)

  it('know no I/O, no clock and no chance', () => {
    const outer =
      /Date\.now\(|new Date\(\)|Math\.random|randomBytes|getRandomValues|randomUUID|\bfetch\(|\bprocess\.|set(?:Timeout|Interval)\(/
    none(
      sources.filter(({ text }) => outer.test(text)).map(({ path }) => path),
      'these reach out by themselves',
    )
    const modules = sources.flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) =>
        /^node:(?!crypto$)/.test(specifier) ? [`${file.path} → ${specifier}`] : [],
      ),
    )
    none(modules, 'these use more of Node than its cryptography')
  })

  it('open with the clause that they write down', () => {
    const clause =
      /§|\b(?:ISO\/IEC|RFC|GPCS|GlobalPlatform|GPC|ETSI|3GPP|X\.\d{3}|NIST|FIPS|SEC 1|SP 800|JCVM|Java Card|TS \d{3}|JPKI|PC\/SC|ITU|EMV|PKCS)\b|docs\/protocols\//
    const open = sources.filter(({ text }) => !clause.test(/^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? ''))
    none(
      open.map(({ path }) => path),
      'these do not name their standard at the top',
    )
  })
})

describe('what runs in a browser', () => {
  const entries = [
    ...['tlv', 'der', 'iso7816', 'jpki', 'ota', 'pkix'].map((name) => `standards/${name}/index.ts`),
    ...['endpoint', 'call'].map((name) => `foundation/service/${name}.ts`),
    ...actors.map(({ folder }) => `${folder}/contract.ts`),
  ].filter(exists)
  const byPath = new Map(everyFile.map((file) => [file.path, file]))

  /** Every file that runs when the entry is imported. */
  const reachedFrom = (path: string, reached = new Set<string>()): ReadonlySet<string> => {
    const file = byPath.get(path)
    if (file === undefined || reached.has(path)) return reached
    reached.add(path)
    for (const { specifier, typeOnly } of importsOf(file)) {
      const meant = typeOnly ? undefined : fileMeant(file, specifier)
      if (meant !== undefined) reachedFrom(meant, reached)
    }
    return reached
  }

  for (const entry of entries)
    it(`${entry} needs nothing of Node`, () => {
      const bound = [...reachedFrom(entry)].filter((path) => {
        const file = byPath.get(path)
        return (
          file !== undefined &&
          (/\bBuffer\./.test(file.text) ||
            importsOf(file).some(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('node:')))
        )
      })
      none(bound, 'these need Node')
    })
})

describe('the rooms', () => {
  it('a file fits on three screens', () => {
    const long = everyFile.filter(({ text }) => text.split('\n').length > 301)
    none(
      long.map(({ path }) => path),
      'these have more than 300 lines',
    )
  })

  it('a folder fits on one screen, and lies at most three deep', () => {
    const inFolder = Map.groupBy(everyFile, ({ path }) => dirname(path))
    none(
      [...inFolder].filter(([, files]) => files.length > 12).map(([folder, files]) => `${folder}: ${files.length}`),
      'these hold more than 12 files',
    )
    none(
      [...inFolder.keys()].filter((folder) => folder.split('/').length > 4),
      'these lie too deep',
    )
  })

  it('names are kebab-case, and no folder is a drawer', () => {
    const odd = everyFile.filter(
      ({ path }) =>
        !path.split('/').every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?(?:\.d)?(?:\.tsx?)?$/.test(part)),
    )
    none(
      odd.map(({ path }) => path),
      'these are not kebab-case',
    )
    none(
      everyFile.filter(({ path }) => /\/(?:helpers?|common|core|utils?|misc)\//.test(path)).map(({ path }) => path),
      'these lie in a drawer',
    )
  })

  it('every file says at its top what it is, and leaves nothing to be done', () => {
    const silent = everyFile.filter(
      ({ inside, text }) => !inside.endsWith('.test.ts') && !/^(?:#!.*\n)?(?:\/\/.*\n)*\/\*\*/.test(text),
    )
    none(
      silent.map(({ path }) => path),
      'these do not open with a comment',
    )
    const marks = new RegExp(
      `\\b(?:${['TO', 'DO|FIX', 'ME|HA', 'CK'].join('')})\\b|@ts-(?:ignore|expect-error|nocheck)`,
    )
    none(
      everyFile.filter(({ text }) => marks.test(text)).map(({ path }) => path),
      'these leave work behind',
    )
  })
})

describe('each actor', () => {
  const peersOf = ({ name, files }: Package) =>
    new Set(
      files
        .flatMap((file) => importsOf(file))
        .flatMap(({ specifier }) => {
          const other = packageNamed.get(packageNameOf(specifier))
          return other?.floor === 'actors' && other.name !== name ? [other.folder.replace('actors/', '')] : []
        }),
    )
  const names = actors.map(({ folder }) => folder.replace('actors/', ''))

  for (const actor of actors) {
    const readme = `${actor.folder}/README.md`
    // Before the house has a README of its own, its rooms need none either.
    it(`${actor.folder} names its peers in its README`, {
      skip: !exists(readme) && !exists('README.md') && 'not yet written',
    }, () => {
      const said = /^Peers: (.*)$/m.exec(read(readme))?.[1]
      assert.notEqual(said, undefined, `${readme} needs a line "Peers: …"`)
      const words = new Set(said?.match(/[a-z]+(?:-[a-z]+)*/g))
      assert.deepEqual(
        names.filter((name) => words.has(name)),
        names.filter((name) => peersOf(actor).has(name)),
      )
    })
    it(`${actor.folder} has the rooms of every house`, () => {
      const known = /^(?:README\.md|package\.json|[a-z-]+\.tsx?|domain|store|test|program|page)$/
      const said = exists(readme) ? read(readme) : ''
      const strange = filesMatching(`${actor.folder}/*`)
        .map((path) => path.slice(actor.folder.length + 1))
        .filter((inside) => !known.test(inside) && said !== '' && !said.includes(inside))
      none(strange, 'these rooms are not usual, and the README does not say what they are')
      assert.ok(exists(`${actor.folder}/contract.ts`), 'there is no contract')
    })
  }
})
