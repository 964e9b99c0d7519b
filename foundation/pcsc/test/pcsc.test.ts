/** Readers and cards through a pcscd and a virtual reader of the test's own. The PC/SC library reads the socket's name once, so one island serves all. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Card } from '@mobile-jpki/iso7816'
import { type Attachment, attach } from '@mobile-jpki/vpcd'
import { type Island, islandTools, openIsland, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { needs } from '../../../test/needs.ts'
import { type CardReaders, emptyReader, openCardReaders, type Reader, readerWithCard } from '../index.ts'

const atr = Uint8Array.fromHex('3BE000FF8131FE4514')
const first = 'Virtual PCD 00 00'
const second = 'Virtual PCD 00 01'
const socketName = 'PCSCLITE_CSOCK_NAME'

/** Answers every command with its own octets and 9000, after `during`. */
function echoCard() {
  const seen = { resets: 0, during: async () => {} }
  const card: Card = {
    reset: async () => {
      seen.resets++
      return atr
    },
    transmit: async (command) => {
      await seen.during()
      return Uint8Array.of(...command, 0x90, 0x00)
    },
  }
  return { card, seen }
}

/** Between card and reader, to be cut. */
async function cableTo(reader: string) {
  const sockets = new Set<Socket>()
  const server = createServer((card) => {
    const inside = connect(reader)
    for (const [one, other] of [
      [card, inside],
      [inside, card],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, cut, [Symbol.asyncDispose]: async () => cut() }
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
/** Finalizers of native objects run behind the collection. */
const collected = async () => {
  collectGarbage()
  await new Promise((resolve) => setImmediate(resolve))
}

describe('the readers of a machine', {
  skip: needs(...islandTools) || refusesIslands(),
  timeout: 60_000,
}, () => {
  let island: Island
  let readers: CardReaders
  let attachment: Attachment | undefined
  const { card, seen } = echoCard()
  const insert = async () => {
    attachment ??= attach(card, { path: island.reader })
    await readerWithCard(readers, { reader: first })
  }
  const pull = async () => {
    await attachment?.detach()
    attachment = undefined
  }
  const until = async (wanted: readonly Reader[]) => {
    for await (const now of readers.changes()) if (isDeepStrictEqual(now, wanted)) return
  }
  const serving = async () => {
    // While it starts the service may wait for the card, which is in this process: another one asks until it is there.
    while ((await island.run('opensc-tool', ['--list-readers'])).status !== 0);
    for (;;) {
      const known = await readers.readers().catch(() => [])
      if (known.length > 0) return
      await island.run('true', [])
    }
  }

  before(
    async () => {
      island = await openIsland()
      Object.assign(process.env, island.environment)
      readers = openCardReaders()
      await serving()
    },
    { timeout: 30_000 },
  )
  after(async () => {
    delete process.env[socketName]
    await readers?.close()
    await pull()
    await island?.close()
  })
  beforeEach(() => {
    seen.during = async () => {}
  })

  it('are named, empty, and tell of a card that comes and goes', async () => {
    await until([
      { name: first, state: 'empty' },
      { name: second, state: 'empty' },
    ])
    const heard: (readonly Reader[])[] = []
    const waiting = readerWithCard(readers, { reader: first, onWait: (there) => heard.push(there) })
    await insert()
    assert.deepEqual(await waiting, { name: first, state: 'card' })
    assert.deepEqual(heard, [[{ name: first, state: 'empty' }]])
    await until([
      { name: first, state: 'card' },
      { name: second, state: 'empty' },
    ])
    await pull()
    assert.deepEqual(await emptyReader(readers, { reader: first }), { name: first, state: 'empty' })
  })

  it('carry commands to the card and its answers back, in order, and reset it', async () => {
    await insert()
    await using connected = await readers.connect(first)
    const commands = [0xa4, 0xb0, 0x20].map((ins) => Uint8Array.of(0x00, ins, 0x00, 0x00))
    const answers = await Promise.all(commands.map((command) => connected.transmit(command)))
    assert.deepEqual(
      answers.map((answer) => answer.toHex()),
      commands.map((command) => `${command.toHex()}9000`),
    )
    const { resets } = seen
    assert.equal((await connected.reset()).toHex(), atr.toHex())
    assert.equal(seen.resets, resets + 1)
    assert.equal((await connected.transmit(Uint8Array.of(0, 0xa4, 4, 0))).toHex(), '00a404009000')
  })

  it('carry a long answer whole', async () => {
    await insert()
    await using connected = await readers.connect(first)
    const command = Uint8Array.of(0x00, 0xd6, 0x00, 0x00, 0x00, 0x10, 0x00, ...new Uint8Array(4096).fill(0x5a))
    assert.equal((await connected.transmit(command)).length, command.length + 2)
  })

  it('leave no verified PIN behind: letting go resets the card', async () => {
    await insert()
    const connected = await readers.connect(first)
    const { resets } = seen
    await connected.disconnect()
    await connected.disconnect()
    // Only the next program's question tells that pcscd has done it.
    await using _next = await readers.connect(first)
    assert.ok(seen.resets > resets)
  })

  it('give an exclusive card to one program at a time, and a shared one to several', async () => {
    await insert()
    const exclusive = await readers.connect(first)
    await assert.rejects(readers.connect(first), { code: 'reader.busy' })
    await assert.rejects(readers.connect(first, 'shared'), { code: 'reader.busy' })
    await exclusive.disconnect()
    await using one = await readers.connect(first, 'shared')
    await using other = await readers.connect(first, 'shared')
    await assert.rejects(readers.connect(first, 'exclusive'), { code: 'reader.busy' })
    for (const sharer of [one, other]) assert.equal((await sharer.transmit(Uint8Array.of(0, 0xa4, 4, 0))).length, 6)
    await one.reset()
    await assert.rejects(other.transmit(Uint8Array.of(0, 0xa4, 4, 0)), { code: 'reader.busy', message: /reset/ })
  })

  it('refuse a reader that is not there, and one without a card, however often', async () => {
    await assert.rejects(readers.connect('No Such Reader'), { code: 'reader.absent' })
    for (let times = 0; times < 6; times++)
      await assert.rejects(readers.connect(second), { code: 'card.absent', message: /no card in Virtual PCD 00 01/ })
  })

  it('refuse when the card is pulled out in the middle of a command, and take it when it comes back', async () => {
    await pull()
    await emptyReader(readers, { reader: first })
    for (let times = 0; times < 6; times++) {
      await using cable = await cableTo(island.reader)
      const held = attach(card, { port: cable.port })
      await readerWithCard(readers, { reader: first })
      const connected = await readers.connect(first)
      seen.during = async () => cable.cut()
      await assert.rejects(connected.transmit(Uint8Array.of(0, 0x2a, 0, 0)), { code: 'card.absent' })
      seen.during = async () => {}
      await assert.rejects(connected.transmit(Uint8Array.of(0, 0xa4, 4, 0)), { code: 'card.absent' })
      await connected.disconnect()
      await held.detach()
      await emptyReader(readers, { reader: first })
    }
  })

  it('are refused while the service is stopped, and found again afterwards', async () => {
    await insert()
    const connected = await readers.connect(first)
    const watching = emptyReader(readers, { reader: first })
    const stopped = assert.rejects(watching, { code: 'reader.service-absent' })
    await island.stopReader()
    await stopped
    await assert.rejects(connected.transmit(Uint8Array.of(0, 0xa4, 4, 0)), { name: 'Refusal' })
    await connected.disconnect()
    const refusal = { name: 'Refusal', code: 'reader.service-absent', message: /pcscd/ }
    await assert.rejects(readers.readers(), refusal)
    await assert.rejects(readerWithCard(readers), refusal)
    for (let times = 0; times < 6; times++) await assert.rejects(readers.connect(first), refusal)
    // What is collected now has no service to let go of.
    for (let times = 0; times < 3; times++) await collected()
    await island.startReader()
    await serving()
    await insert()
    await using again = await readers.connect(first)
    assert.equal((await again.reset()).toHex(), atr.toHex())
  })

  it('are not waited for any longer when the signal says so', async () => {
    const stop = new AbortController()
    const waiting = readerWithCard(readers, { reader: second, signal: stop.signal, onWait: () => stop.abort() })
    await assert.rejects(waiting, { code: 'card.absent' })
  })

  it('are met by a folder of their own', () => {
    assert.equal(process.env[socketName], join(island.folder, 'pcscd', 'pcscd.comm'))
  })
})
