/** ./jpki as a person meets it: help, spelling, errors in words and for machines. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { command, flag, helpOf, namesOf, parse, value } from '../command.ts'
import { commands } from '../commands.ts'
import { nearestTo } from '../spelling.ts'
import { widthOf } from '../width.ts'

const jpki = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '..', 'cli.ts'), ...args], { encoding: 'utf8' })

describe('./jpki', () => {
  it('shows every command in its help', () => {
    const { stdout, status } = jpki('--help')
    assert.equal(status, 0)
    for (const name of Object.keys(commands)) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
  })

  it('shows the same help of a command whichever way it is asked', () => {
    const [one, other] = [jpki('help', 'test'), jpki('test', '--help')]
    assert.equal(one.stdout, other.stdout)
    assert.match(one.stdout, /--all .*\n.*--only PATTERN/)
  })

  it('says what was probably meant, and ends with 2', () => {
    const { stderr, status } = jpki('tset')
    assert.equal(status, 2)
    assert.equal(
      stderr,
      'error request.malformed: There is no command "tset". Did you mean ./jpki test? ./jpki --help shows all.\n',
    )
    assert.equal(jpki().status, 2)
  })

  it('shows what begins with a word that is no command by itself', () => {
    const { stderr, status } = jpki('sim')
    assert.equal(status, 2)
    assert.match(stderr, /^ {2}sim show /m)
    assert.doesNotMatch(stderr, /^ {2}(up|ca show) /m)
    for (const asked of [jpki('help', 'sim'), jpki('sim', '--help')])
      assert.deepEqual([asked.stdout, asked.status], [stderr, 0])
  })

  it('says which option is wrong, for a machine too', () => {
    const { stderr, status } = jpki('test', '--fast', '--json')
    assert.equal(status, 2)
    assert.equal(JSON.parse(stderr).type, 'urn:jpki:problem:request.malformed')
    assert.match(jpki('test', '--concurrency', 'many').stderr, /--concurrency: write a number; \.\/jpki help test/)
  })
})

describe('a command', () => {
  const attach = command({
    summary: 'put a card into a reader',
    options: {
      card: value('NAME', 'which card', z.enum(['phone', 'my-number-card'])),
      port: value('N', 'where', z.coerce.number().int().default(35963)),
      json: flag('for machines'),
    },
    operands: ['DIR', '[READER]'],
    run: async () => 0,
  })

  it('reads its options in the types that it declares', () => {
    const { values, operands } = parse(attach, ['--card', 'phone', '--json', 'here'])
    assert.deepEqual([values.card, values.port, values.json, operands], ['phone', 35963, true, ['here']])
  })

  for (const args of [
    [],
    ['here'],
    ['--card', 'cat', 'here'],
    ['--card', 'phone'],
    ['--card', 'phone', 'a', 'b', 'c'],
    ['--card=phone', '--json=yes', 'a'],
  ])
    it(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(() => parse(attach, args), { code: 'request.malformed' })
    })

  const some = command({
    summary: 'look at some',
    options: {
      colours: value('COLOURS', 'with commas between them', namesOf(['red', 'light blue'])),
      kind: value('KIND', 'of which', z.enum(['cat', 'dog'])),
      share: value('N', 'how much', z.coerce.number().max(1).default(1)),
    },
    run: async () => 0,
  })

  it('takes several names, and all where none is said', () => {
    assert.deepEqual(parse(some, ['--kind', 'cat', '--colours', 'light blue, red']).values.colours, [
      'light blue',
      'red',
    ])
    assert.deepEqual(parse(some, ['--kind', 'cat']).values.colours, ['red', 'light blue'])
  })

  for (const [args, words] of [
    [['--colours', ','], '--colours: names nothing'],
    [['--colours', 'red,green'], '--colours: write one of red, light blue'],
    [['--kind', 'bird'], '--kind: write one of cat, dog'],
    [[], '--kind: is missing'],
    [['--kind', 'cat', '--share', '2'], '--share: 1 at most'],
  ] as const)
    it(`says in words what is wrong with ${JSON.stringify(args)}`, () => {
      assert.throws(() => parse(some, args), { message: words })
    })

  it('is read on 100 columns, whichever it is', async () => {
    for (const [name, load] of Object.entries(commands))
      for (const line of helpOf(name, (await load()).default).split('\n'))
        assert.ok(widthOf(line) <= 100 || !line.trim().includes('  '), `${name}: ${line}`)
  })

  it('shows its options, operands and defaults', () => {
    const help = helpOf('card attach', attach)
    assert.match(help, /^\.\/jpki card attach \[options\] DIR \[READER\]/)
    assert.match(help, /--port N +where \(35963\)/)
  })
})

describe('spelling', () => {
  it('finds the nearest word, and none when none is near', () => {
    assert.equal(nearestTo(['demmo'], ['up', 'demo', 'test']), 'demo')
    assert.equal(nearestTo(['card atach'], ['card attach', 'test']), 'card attach')
    assert.equal(nearestTo(['elephant'], ['up', 'demo', 'test']), undefined)
  })
})
