/** ./jpki as it is typed: what it writes, how it ends, what it keeps. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { cardClient } from '@mobile-jpki/jpki'
import { certificateInSim, deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { parseCertificate } from '@mobile-jpki/pkix'
import { type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { steps } from '@mobile-jpki/trace'
import { commands } from '../commands.ts'
import { useAsCard } from '../demo/use.ts'
import { defaultData, freePortBase } from '../town/layout.ts'
import { hanako } from '../town/people.ts'
import { runningTown } from '../town/running.ts'
import { jpki, jpkiIn, jpkiUp, type Running } from './stage/process.ts'
import { cardIn, codeMailsIn, revoke, temporaryFolder, type Where } from './stage/town.ts'

let folder: string
const at = (name: string) => join(folder, name)
before(async () => {
  folder = await temporaryFolder()
  await mkdir(at('tmp'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** Nothing that a test started outlives it. */
const running: Running[] = []
const started = <R extends Running>(one: R): R => {
  running.push(one)
  return one
}
afterEach(() => Promise.all(running.splice(0).map((one) => one.end('SIGKILL'))))

const typed = (...args: readonly string[]) => started(jpki(...args))

async function fails(one: Running, code: RefusalCode, detail: RegExp, status = 1) {
  assert.deepEqual(await one.ended, { status, signal: null }, one.said.err)
  assert.ok(one.said.err.startsWith(`error ${code}: `), one.said.err)
  assert.match(one.said.err, detail)
  if (status === 1) assert.ok(one.said.err.trimEnd().endsWith(`— ${refusals[code].whatToDo}`), one.said.err)
}

async function succeeds(one: Running) {
  assert.deepEqual(await one.ended, { status: 0, signal: null }, one.said.err)
  return one.said.out.trimEnd().split('\n')
}

describe('./jpki demo', () => {
  it('shows the 18 steps and both uses as lines of JSON, and throws its town away', async (t) => {
    if ((await runningTown(defaultData)) !== undefined) return t.skip('a town runs here, and the demo would use it')
    const demo = started(jpkiIn({ TMPDIR: at('tmp') }, 'demo', '--json'))
    const lines = (await succeeds(demo)).map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.flatMap(({ step }) => step ?? []),
      Object.keys(steps).slice(0, 18),
    )
    for (const line of lines.filter(({ step }) => step !== undefined)) {
      assert.ok(line.ok)
      for (const text of ['from', 'to', 'what']) assert.equal(typeof line[text], 'string')
      for (const number of ['messages', 'octets', 'milliseconds']) assert.ok(line[number] >= 0)
    }
    assert.deepEqual(
      lines.flatMap(({ use }) => use ?? []),
      ['as a card', 'over the net'],
    )
    assert.deepEqual([lines.at(-1).done, lines.at(-1).steps], [true, 18])
    assert.deepEqual(await readdir(at('tmp')), [])
  })

  it('throws its town away when Ctrl-C ends it, too', async (t) => {
    if ((await runningTown(defaultData)) !== undefined) return t.skip('a town runs here, and the demo would use it')
    const demo = started(jpkiIn({ TMPDIR: at('tmp') }, 'demo'))
    assert.ok(await demo.line((line) => line.startsWith('②')), demo.said.err)
    assert.deepEqual(await demo.end('SIGINT'), { status: 130, signal: null })
    assert.deepEqual(await readdir(at('tmp')), [])
  })

  it('keeps in a folder what it made: the very phone can then be attached', async () => {
    const lines = await succeeds(typed('demo', '--data', at('kept'), '--pin', '5678'))
    assert.match(lines[0] ?? '', /^① {2}app-provider → phone .* B .* ms {2}/)
    assert.match(lines.at(-1) ?? '', /^18 steps and 2 uses in /)
    const attached = typed('card', 'attach', '--card', 'phone', '--data', at('kept'), '--vpcd', '127.0.0.1:9')
    assert.ok(await attached.line((line) => line.startsWith('Waiting for the reader')), attached.said.err)
    assert.deepEqual(await attached.end('SIGINT'), { status: 0, signal: null })
    const town = started(await jpkiUp(at('kept')))
    await useAsCard(deviceAt(town.places.phone), '5678')
  })

  it('refuses a PIN that is none', () => fails(typed('demo', '--pin', '12345'), 'request.malformed', /four digits/, 2))
})

describe('./jpki card attach', () => {
  it('makes no cards where there are none', async () => {
    await fails(typed('card', 'attach', '--card', 'phone', '--data', at('nowhere')), 'reference.not-found', /no cards/)
    assert.ok(!existsSync(at('nowhere')))
  })
})

describe('./jpki up', () => {
  const data = () => at('town')
  let base: number
  before(async () => {
    base = await freePortBase()
  })

  it('tells what it starts, then where everything is, and stops on Ctrl-C; after a try at ports that are taken, too', async () => {
    const other = await freePortBase()
    const squatter = createServer().listen(other + 4, '127.0.0.1')
    await new Promise((resolve) => squatter.once('listening', resolve))
    try {
      const up = typed('up', '--data', data(), '--port-base', String(other))
      await fails(up, 'port.in-use', new RegExp(`Port ${other + 4} `))
    } finally {
      squatter.close()
    }
    const up = typed('up', '--data', data(), '--port-base', String(base))
    assert.ok(await up.line((line) => line.startsWith('Everything is kept in')), up.said.err)
    assert.match(up.said.out.trim(), new RegExp(`^Open http://127.0.0.1:${base + 3}/ in a browser`))
    for (const [at, path] of Object.entries({ 0: '/', 1: '/', 2: '/', 3: '/trace', 7: '/trust' }))
      assert.ok(up.said.out.includes(`http://127.0.0.1:${base + Number(at)}${path}`), path)
    assert.match(up.said.err, /starting JPKIシステム[\s\S]*starting みほん銀行/)
    assert.ok(existsSync(join(data(), 'town.json')))
    assert.deepEqual(await up.end('SIGINT'), { status: 0, signal: null })
    assert.ok(!existsSync(join(data(), 'town.json')))
    assert.match(up.said.err, /stopping/)
    assert.doesNotMatch(up.said.err, /[Ee]rror|Warning/)
  })

  it('finds at the next start all that there was, on the same ports and on no others', async () => {
    const first = started(await jpkiUp(data()))
    await succeeds(typed('demo', '--data', data(), '--pin', '5678'))
    const kept = async (where: Where) => ({
      certificate: (await certificateInSim(deviceAt(where.places.phone)))?.serialNumber,
      mails: await codeMailsIn(where),
      places: where.places,
    })
    const earlier = await kept(first)
    assert.equal(earlier.mails.length, 1)
    await first.end('SIGINT')

    const elsewhere = typed('up', '--data', data(), '--port-base', String(base + 10))
    await fails(elsewhere, 'conditions.not-satisfied', new RegExp(`made for ports from ${base}`))
    const second = started(await jpkiUp(data()))
    assert.deepEqual(await kept(second), earlier)
    await useAsCard(deviceAt(second.places.phone), '5678')
  })

  it('runs once over a folder, and the demo fails where the person may not download', async () => {
    const town = started(await jpkiUp(data()))
    await fails(typed('up', '--data', data()), 'store.busy', new RegExp(`its desk is at http://127.0.0.1:${base + 3}`))

    const card = cardIn(town, 'NFC')
    await card.reset()
    await cardClient.selectJpki(card)
    await cardClient.verifyPin(card, 'sign', hanako.card.signPassword)
    const { serialNumber } = parseCertificate(await cardClient.readCertificate(card, 'sign'))
    await revoke(town, 'sign', serialNumber, 'keyCompromise')
    await fails(typed('demo', '--data', data()), 'certificate.revoked', /keyCompromise/)
    const forMachines = typed('demo', '--data', data(), '--json')
    assert.equal((await forMachines.ended).status, 1)
    assert.equal(JSON.parse(forMachines.said.err).type, 'urn:jpki:problem:certificate.revoked')
  })
})

describe('every command', () => {
  it('has a help that names all its options', async () => {
    for (const [name, load] of Object.entries(commands)) {
      const { summary, options } = (await load()).default
      const text = (await succeeds(typed(...name.split(' '), '--help'))).join('\n')
      assert.ok(text.startsWith(`./jpki ${name}`) && text.includes(summary), name)
      for (const option of Object.keys(options)) assert.match(text, new RegExp(`^  --${option}\\b`, 'm'))
    }
  })

  it('refuses an option that it does not have, and says where to look', () =>
    fails(typed('card', 'attach', '--fast'), 'request.malformed', /'--fast'.*; \.\/jpki help card attach shows/, 2))
})
