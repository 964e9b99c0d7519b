/** ./jpki person as it is typed, over a town that runs, that is killed, and that is not there. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { freePortBase } from '../../town/layout.ts'
import { doomedTown, jpki, jpkiUp, type Running, type TownProcess } from '../stage/process.ts'
import { temporaryFolder } from '../stage/town.ts'

let folder: string
let base: number
let town: TownProcess
const data = () => join(folder, 'town')
before(async () => {
  folder = await temporaryFolder()
  base = await freePortBase()
  town = await jpkiUp(data(), '--port-base', String(base))
})
after(async () => {
  await town.end('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const typed = (...words: readonly string[]) => jpki('person', ...words, '--data', data())

async function said(...words: readonly string[]) {
  const one = typed(...words, '--json')
  assert.deepEqual(await one.ended, { status: 0, signal: null }, one.said.err)
  return JSON.parse(one.said.out)
}

async function fails(one: Running, code: RefusalCode, detail: RegExp) {
  assert.deepEqual(await one.ended, { status: 1, signal: null }, one.said.out)
  assert.ok(one.said.err.startsWith(`error ${code}: `), one.said.err)
  assert.match(one.said.err, detail)
  assert.ok(one.said.err.trimEnd().endsWith(`— ${refusals[code].whatToDo}`), one.said.err)
}

const certificatesOf = async (id: string) =>
  (await said('show', id)).certificates.map(
    ({ kind, state, reason }: { kind: string; state: string; reason?: string }) =>
      [kind, state, reason].filter(Boolean).join(' '),
  )

describe('./jpki person', () => {
  it('makes people with cards, shows them in tables, and tells programs', async () => {
    const [one, two] = await said('enrol', '--count', '2')
    assert.deepEqual([one.id, two.id], ['person-1', 'person-2'])
    const own = await said(
      'enrol',
      '--id',
      'taro',
      '--name',
      '見本 太郎',
      '--kana',
      'ミホン タロウ',
      '--address',
      '東京都清瀬市本町一丁目1番1号',
    )
    assert.deepEqual([own.name, own.municipality.code], ['見本　太郎', '13221'])
    const child = await said('enrol', '--id', 'child', '--birth-date', '2020-02-29')
    assert.equal(child.card.sign, undefined)
    assert.deepEqual(
      (await said('list')).map(({ id }: { id: string }) => id),
      ['hanako', 'person-1', 'person-2', 'taro', 'child'],
    )
    const list = typed('list')
    await list.ended
    const [head = '', ...rows] = list.said.out.trimEnd().split('\n')
    assert.match(head, /^ID +NAME +BORN +MUNICIPALITY +STATE +CARD$/)
    assert.equal(rows.length, 5)
    const shown = typed('show', 'taro')
    await shown.ended
    assert.match(shown.said.out, /^氏名 name +見本　太郎（ミホン　タロウ）$/m)
    assert.match(shown.said.out, /^利用者証明用 auth +[0-9a-f]{16} {2}valid, until \d{4}-\d\d-\d\d$/m)
  })

  it('lets things happen to them', async () => {
    await said('move', 'taro', '--municipality', '47201', '--without-sign-key')
    await said('renew', 'taro', '--keep-card')
    await said('lose', 'taro')
    assert.deepEqual(await certificatesOf('taro'), ['sign held certificateHold', 'auth held certificateHold'])
    await said('found', 'taro')
    assert.deepEqual(await certificatesOf('taro'), ['sign valid', 'auth valid'])
    assert.equal((await said('die', 'person-2')).state, 'dead')
  })

  it('says what is wrong, and does nothing of it', async () => {
    const before = await said('list')
    const wrong: readonly (readonly [readonly string[], RefusalCode, RegExp])[] = [
      [['enrol', '--pin', '12'], 'pin.malformed', /four digits/],
      [['enrol', '--name', '見本 次郎'], 'request.malformed', /kana/],
      [['enrol', '--count', '2', '--id', 'x'], 'request.malformed', /--count/],
      [['renew', 'person-2'], 'conditions.not-satisfied', /dead/],
      [['show', 'nobody'], 'reference.not-found', /nobody/],
    ]
    await Promise.all(wrong.map(([words, code, detail]) => fails(typed(...words), code, detail)))
    assert.deepEqual(await said('list'), before)
    const elsewhere = join(folder, 'nowhere')
    await fails(jpki('person', 'list', '--data', elsewhere), 'peer.unreachable', /No town runs over .*\.\/jpki up/)
    assert.ok(!existsSync(elsewhere))
  })

  it('puts anybody into a reader, whether the town runs or not, and nobody who is not there', async () => {
    const attach = (id: string) =>
      jpki('card', 'attach', '--card', 'my-number-card', '--person', id, '--data', data(), '--vpcd', '127.0.0.1:9')
    const waits = async (one: Running) => {
      assert.ok(await one.line((line) => line.startsWith('Waiting for the reader')), one.said.err)
      assert.deepEqual(await one.end('SIGINT'), { status: 0, signal: null })
    }
    for (const runs of [true, false]) {
      if (!runs) await town.end('SIGINT')
      await Promise.all([waits(attach('person-1')), fails(attach('nobody'), 'reference.not-found', /nobody/)])
    }
    town = await jpkiUp(data())
  })
})

describe('a town that is killed while something happens to a person', () => {
  for (const { at, words, id } of [
    { at: 'enrolPerson', words: ['enrol', '--id', 'killed'], id: 'killed' },
    { at: 'changeFourItems', words: ['move', 'person-1', '--municipality', '13421'], id: 'person-1' },
  ])
    it(`behind ${at} (./jpki person ${words.join(' ')}) has it done after the next start`, async () => {
      await town.end('SIGINT')
      const doomed = await doomedTown(data(), base, { at, nth: 1 })
      const one = typed(...words)
      assert.equal((await doomed.ended).signal, 'SIGKILL')
      assert.equal((await one.ended).status, 1, one.said.out)
      town = await jpkiUp(data())
      const person = await said('show', id)
      assert.equal(person.unfinished, undefined)
      assert.equal(person.state, 'carded')
      assert.deepEqual(await certificatesOf(id), ['sign valid', 'auth valid'])
      assert.deepEqual((await said(...words)).card, person.card)
    })

  it('leaves of each person the cards that were made, and nothing beside them', async () => {
    const files = await readdir(join(data(), 'cards', 'killed'))
    assert.deepEqual(files.filter((name) => name.endsWith('.nvm')).length, 1)
  })
})
