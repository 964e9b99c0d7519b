/** Both languages say everything, and the address names the screens. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isRefusalCode, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { routeIn } from '../app/route.ts'
import { pemOf } from '../domain/index.ts'
import { nextStepOf } from '../screens/help/next-step.ts'
import { explanationOf, ownerOf, texts } from '../texts/index.ts'

const codes = Object.keys(refusals).filter((code): code is RefusalCode => isRefusalCode(code))
const isJapanese = (text: string) => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text)

/** Every text, with the functions called on something. */
function* leavesOf(value: unknown, path = ''): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (typeof value === 'function') {
    const given = /date|instant/.test(path) ? new Date(0) : /whose/.test(path) ? 'sp-tsm' : 2
    yield* leavesOf(value(given, 'x'), path)
  } else for (const [name, inside] of Object.entries(value ?? {})) yield* leavesOf(inside, `${path}.${name}`)
}

describe('the texts', () => {
  it('are the same in both languages, and each in its own', () => {
    const [ja, en] = [[...leavesOf(texts.ja)], [...leavesOf(texts.en)]]
    assert.deepEqual(
      en.map(([path]) => path),
      ja.map(([path]) => path),
    )
    const sameInBoth = /^\.(?:language|whose|comma)$|marks$/
    for (const [path, text] of ja) if (!sameInBoth.test(path)) assert.ok(isJapanese(text), `ja${path}: ${text}`)
    for (const [path, text] of en) if (!sameInBoth.test(path)) assert.ok(!isJapanese(text), `en${path}: ${text}`)
  })

  for (const secret of ['pin', 'signPassword'] as const)
    it(`explain every refusal, where a ${secret} was asked`, () => {
      for (const code of codes) {
        const [ja, en] = [explanationOf({ code }, 'ja', secret), explanationOf({ code }, 'en', secret)]
        assert.ok(isJapanese(ja.sentence) && isJapanese(ja.whatToDo), code)
        assert.ok(!isJapanese(en.sentence) && !isJapanese(en.whatToDo), code)
      }
    })
})

describe('the page of a code', () => {
  it('says whose it is, in both languages', () => {
    for (const code of codes)
      for (const { help } of Object.values(texts)) assert.ok(help.owners[ownerOf(code)].text.length > 0, code)
  })

  it('leads to a screen that there is', async () => {
    const screens = join(import.meta.dirname, '..', 'screens')
    const tables = await Promise.all(
      ['index.tsx', 'procedures/index.tsx'].map((file) => readFile(join(screens, file), 'utf8')),
    )
    for (const code of codes) {
      const next = nextStepOf(code)
      if (next !== undefined)
        assert.ok(tables.join().includes(`'${next.href.slice(1)}':`), `${code} leads to ${next.href}`)
    }
    assert.equal(nextStepOf('pin.blocked')?.href, '#/pin-reset')
  })
})

describe('an address', () => {
  it('names a screen and what it is given', () => {
    const { path, query } = routeIn('#/login?site=https%3A%2F%2Fbank.example&login=1')
    assert.deepEqual([path, query.get('site'), query.get('login')], ['/login', 'https://bank.example', '1'])
    assert.deepEqual([routeIn('').path, routeIn('#/').path], ['/', '/'])
  })
})

describe('a saved certificate', () => {
  it('is in PEM, RFC 7468', () => {
    assert.equal(
      pemOf(new Uint8Array(60)),
      `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n${'A'.repeat(16)}\n-----END CERTIFICATE-----\n`,
    )
  })
})
