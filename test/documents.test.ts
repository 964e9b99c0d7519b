/** What the documents say, checked against what the house does. */
import assert from 'node:assert/strict'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'
import { isRefusalCode } from '@mobile-jpki/refusal'
import { acts } from '../actors/jpki-system/domain/acts.ts'
import { commands } from '../system/commands.ts'
import { contracts, generatedPages } from '../system/documents.ts'
import { exists, filesMatching, read } from './house.ts'

const documents = filesMatching('**/*.md')
const none = (found: readonly string[], what: string) => assert.deepEqual(found, [], what)

/** The journal's names of acts look like codes. */
const isAct = (name: string): boolean => acts.some((act) => act === name)

/** GitHub's way to name a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
const anchorsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

const linksIn = (path: string): readonly string[] =>
  [
    ...read(path)
      .replace(/```[\s\S]*?```/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, target = '']) => target)

describe('the documents', () => {
  it('lead somewhere: every relative link is alive', () => {
    const dead = documents.flatMap((path) =>
      linksIn(path)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [file = '', anchor] = decodeURI(target).split('#')
          const meant = file === '' ? path : normalize(join(dirname(path), file))
          return !exists(meant) || (anchor !== undefined && meant.endsWith('.md') && !anchorsOf(meant).includes(anchor))
        })
        .map((target) => `${path} → ${target}`),
    )
    none(dead, 'these links are dead')
  })

  it('name only commands and options that ./jpki has', async () => {
    const names = Object.keys(commands)
    const wrong: string[] = []
    for (const path of documents)
      for (const [said, rest = ''] of read(path).matchAll(/\.\/jpki ([^\n`|│]*)/g)) {
        const words = (rest.split(/ #|[;&()<>"「」、。,:]|\.(?=\s|$)/)[0] ?? '').trim().split(/\s+/)
        if (words[0]?.startsWith('--') || words[0] === 'help' || /^[A-Z]+$|^…$|^$/.test(words[0] ?? '')) continue
        const name = names.find((candidate) => candidate === words.slice(0, candidate.split(' ').length).join(' '))
        const options = name === undefined ? {} : ((await commands[name]?.())?.default.options ?? {})
        const unknown = words
          .filter((word) => word.startsWith('--'))
          .map((word) => word.slice(2))
          .filter((option) => !Object.hasOwn(options, option) && option !== 'help')
        if (name === undefined || unknown.length > 0) wrong.push(`${path}: ${said.trim()}`)
      }
    none(wrong, 'these do not exist')
  })

  it('describe every refusal and every endpoint as the source declares them', async () => {
    for (const [path, text] of Object.entries(await generatedPages()))
      assert.equal(exists(path) && read(path), text, `${path} is not up to date: ./jpki docs writes it anew`)
  })

  it('name no refusal that does not exist', () => {
    const families =
      /^(?:application|caller|card|ceremony|certificate|code|conditions|device|key|login|password|peer|pin|port|possession|rate|reference|request|sim|store|subscription|token|tool)\.[a-z-]+$/
    const unknown = documents.flatMap((path) =>
      [...read(path).matchAll(/`([a-z-]+\.[a-z-]+)`/g)].flatMap(([, code = '']) => {
        const isFile = /\.(?:ts|md|json|sh|css|tsx|pem|crl|js|db|key)$/.test(code)
        return families.test(code) && !isFile && !isRefusalCode(code) && !isAct(code) ? [`${path}: ${code}`] : []
      }),
    )
    none(unknown, 'these are no refusals')
  })

  it('tell no endpoint twice', async () => {
    for (const { folder, endpoints } of await contracts()) {
      const routes = endpoints.map(({ method, path }) => `${method} ${path}`)
      assert.deepEqual(routes, [...new Set(routes)], folder)
    }
  })
})

describe('everything that is written', () => {
  const texts = [...filesMatching('**/*.{ts,tsx,md,json,css,html,js}'), ...filesMatching('.ci/*'), 'jpki'].filter(
    (path) => path !== 'package-lock.json',
  )

  it('names no directory of the machine on which it was written', () => {
    const place = /(?<![\w.:/-])\/(?:home|root|work|Users)\/[A-Za-z]/
    none(
      texts.filter((path) => place.test(read(path))),
      'these name a directory of one machine',
    )
  })

  it('holds no private key', () => {
    const key = new RegExp(`-----BEGIN (?:[A-Z]+ )?PRIVATE ${'KEY'}-----`)
    none(
      texts.filter((path) => key.test(read(path))),
      'these hold a private key',
    )
  })
})
