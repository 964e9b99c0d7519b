/** ./jpki terminal at a PC/SC reader, as its user meets it: the phone and the My Number card in a virtual one, and every refusal in words. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Card } from '@mobile-jpki/iso7816'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { type Attachment, attach } from '@mobile-jpki/vpcd'
import { type Island, islandTools, openIsland, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { needs } from '../../../test/needs.ts'
import { download } from '../../demo/download.ts'
import { hanako } from '../../town/people.ts'
import { jpki, jpkiIn, type Running, run } from '../stage/process.ts'
import { cardIn, openTown, personAt, pin, type StoryTown } from '../stage/town.ts'
import { switchPinLess } from './counter.ts'

const cli = join(import.meta.dirname, '..', '..', 'cli.ts')

describe('./jpki terminal', {
  skip: needs(...islandTools) || refusesIslands(),
  timeout: 300_000,
}, () => {
  let town: StoryTown
  let island: Island
  let sim: Card
  before(async () => {
    ;[town, island] = await Promise.all([openTown(), openIsland()])
    await download(personAt(town))
    sim = cardIn(town, 'SIM1')
  })
  after(async () => {
    await island.close()
    await town[Symbol.asyncDispose]()
  })

  async function inReader(card: Card, work: () => Promise<void>) {
    const attachment: Attachment = attach(card, { path: island.reader })
    try {
      await island.cardPresent()
      await work()
    } finally {
      await attachment.detach()
    }
  }
  const there = () => ['--data', town.data]
  const terminal = (...options: readonly string[]) => jpkiIn(island.environment, 'terminal', ...there(), ...options)
  /** PINs come as lines of standard input. */
  async function typing(typed: readonly string[], ...options: readonly string[]) {
    const file = join(town.data, 'typed')
    await writeFile(file, typed.map((line) => `${line}\n`).join(''))
    const command = [process.execPath, cli, 'terminal', ...there(), ...options]
    return run('sh', ['-c', 'exec "$@" < "$0"', file, ...command], island.environment)
  }
  const once = async (starting: Running | Promise<Running>) => {
    const running = await starting
    const { status } = await running.ended
    return { status, said: running.said.out.trim(), err: running.said.err }
  }
  const recordOf = ({ said, err }: { said: string; err: string }) => {
    assert.notEqual(said, '', err)
    return JSON.parse(said)
  }
  const operator = async (...words: readonly string[]) => once(jpki('terminal', ...words, ...there()))

  it('reads the phone with the PIN that is typed, and says whose it is', () =>
    inReader(sim, async () => {
      const read = await once(typing([pin], '--once'))
      assert.equal(read.status, 0, read.err)
      const { serialNumber = '?' } = (await certificateInSim(town.device)) ?? {}
      assert.match(read.said, new RegExp(`✔ +スマートフォン.*with PIN\\nholder +${serialNumber}, until \\d{4}-`))
      assert.match(read.said, /took +\d+ commands, \d+ octets; card \d+ ms, own \d+ ms/)
      const wrong = await once(typing(['0000'], '--once', '--json'))
      assert.equal(wrong.status, 1)
      const { ok, code, triesLeft } = recordOf(wrong)
      assert.deepEqual([ok, code, triesLeft], [false, 'pin.wrong', 2])
    }))

  it('reads without PIN where terminal and person may, and says what is missing', () =>
    inReader(sim, async () => {
      const unknown = await once(terminal('--pin-less', '--once', '--terminal', 'till-1'))
      assert.equal(unknown.status, 1)
      assert.match(unknown.err, /^error reference\.not-found: There is no terminal till-1\./)

      const enrolled = await operator('enrol', 'till-1', '--institution', 'mihon-shop')
      assert.equal(enrolled.status, 0, enrolled.err)
      const off = await once(terminal('--pin-less', '--once', '--terminal', 'till-1'))
      assert.equal(off.status, 1)
      assert.match(off.said, /✘ +pin-less\.off/)

      await switchPinLess(sim, true)
      const read = await once(terminal('--pin-less', '--once', '--json', '--terminal', 'till-1', '--text', '¥500'))
      assert.equal(read.status, 0, read.err)
      const { way, evidence, ownMilliseconds, kind } = recordOf(read)
      assert.deepEqual([way, kind, evidence.statement.text], ['pin-less', 'phone', '¥500'])
      assert.equal(evidence.statement.institution, 'mihon-shop')
      assert.equal(typeof ownMilliseconds, 'number')

      assert.match((await operator('list')).said, /till-1 +mihon-shop +without PIN +enrolled +\d{4}-/)
      assert.equal((await operator('revoke', 'till-1')).status, 0)
      const revoked = await once(terminal('--pin-less', '--once', '--terminal', 'till-1'))
      assert.match(revoked.err, /^error terminal\.revoked: /)
      assert.match((await operator('list')).said, /till-1 +mihon-shop +without PIN +revoked/)
      assert.match((await operator('enrol', 'till-1', '--institution', 'mihon-shop')).err, /^error terminal\.revoked: /)
    }))

  it('reads one card after the other until Ctrl-C', async () => {
    const running = await typing([pin, hanako.card.authPin], '--json')
    await inReader(sim, async () => {
      assert.match((await running.line((line) => line.includes('"kind":"phone"'))) ?? running.said.err, /"ok":true/)
    })
    await inReader(cardIn(town, 'NFC'), async () => {
      assert.match((await running.line((line) => line.includes('"kind":"card"'))) ?? running.said.err, /"ok":true/)
    })
    assert.equal((await running.end('SIGINT')).status, 0, running.said.err)
  })

  it('names the readers, and ends on Ctrl-C while nothing is there', async () => {
    const named = await once(terminal('--readers'))
    assert.match(named.said, /Virtual PCD 00 00 +empty/)
    const waiting = terminal()
    assert.ok(await waiting.line((line) => line.startsWith('Hold a phone')), waiting.said.err)
    assert.equal((await waiting.end('SIGINT')).status, 0, waiting.said.err)
  })

  it('says so where no PC/SC service runs, no card of JPKI lies there, or no town runs', async () => {
    const nowhere = { PCSCLITE_CSOCK_NAME: join(island.folder, 'nobody') }
    const without = await once(jpkiIn(nowhere, 'terminal', '--once', ...there()))
    assert.match(without.err, /error reader\.service-absent: /)
    const stranger: Card = {
      reset: async () => Uint8Array.fromHex('3BE000FF8131FE4514'),
      transmit: async () => Uint8Array.of(0x6a, 0x82),
    }
    await inReader(stranger, async () => {
      assert.match((await once(terminal('--once'))).said, /✘ +card\.absent\n +What lies there is no card of JPKI/)
    })
    const nobody = await once(jpki('terminal', '--once', '--data', join(island.folder, 'no-town')))
    assert.match(nobody.err, /^error peer\.unreachable: No town runs over /)
  })
})
