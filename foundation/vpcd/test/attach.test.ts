/** A card attached to a reader that we play ourselves, octet by octet as vpcd does. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Card } from '@mobile-jpki/iso7816'
import { type AttachState, attach } from '../index.ts'

const atr = Uint8Array.fromHex('3BE000FF8131FE4514')

/** Counts its resets and answers every command with its own octets and 9000. */
function echoCard() {
  const seen = { resets: 0, commands: 0 }
  const card: Card = {
    reset: async () => {
      seen.resets++
      return atr
    },
    transmit: async (command) => {
      seen.commands++
      if (command[1] === 0xff) throw new Error('broken')
      return Uint8Array.of(...command, 0x90, 0x00)
    },
  }
  return { card, seen }
}

/** States as they come, to be awaited. */
function states() {
  const waiting: { state: AttachState['state']; resolve: (state: AttachState) => void }[] = []
  return {
    onState: (state: AttachState) => {
      for (const one of waiting.splice(0)) {
        if (one.state === state.state) one.resolve(state)
        else waiting.push(one)
      }
    },
    next: (state: AttachState['state']) =>
      new Promise<AttachState>((resolve) => {
        waiting.push({ state, resolve })
      }),
  }
}

/** The reader's end of a connection. */
function readerOn(socket: Socket) {
  let octets = Buffer.alloc(0)
  const isShort = () => octets.length < 2 || octets.length < 2 + octets.readUInt16BE()
  socket.on('error', () => {})
  socket.on('data', (segment: Buffer) => {
    octets = Buffer.concat([octets, segment])
    socket.emit('more')
  })
  return {
    socket,
    send: (hex: string) => socket.write(Buffer.from(hex, 'hex')),
    answer: async (): Promise<string> => {
      while (isShort()) await once(socket, 'more')
      const end = 2 + octets.readUInt16BE()
      const body = octets.subarray(2, end).toString('hex').toUpperCase()
      octets = octets.subarray(end)
      return body
    },
  }
}
type Reader = ReturnType<typeof readerOn>

async function listening(where: string | number): Promise<Server> {
  const server = createServer()
  server.listen(where)
  await once(server, 'listening')
  return server
}

async function nextReader(server: Server): Promise<Reader> {
  const [socket] = (await once(server, 'connection')) as [Socket]
  return readerOn(socket)
}

async function closeReader(server: Server, reader: Reader): Promise<void> {
  reader.socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}

describe('attach', () => {
  it('answers ATR and commands, in order, several in one segment', async () => {
    const server = await listening(0)
    const { port } = server.address() as { port: number }
    const { card, seen } = echoCard()
    const attachment = attach(card, { port })
    const reader = await nextReader(server)
    reader.send('000101' + '000100' + '000101' + '000104' + '000400200080' + '000104')
    assert.equal(await reader.answer(), '3BE000FF8131FE4514')
    assert.equal(await reader.answer(), '002000809000')
    assert.equal(await reader.answer(), '3BE000FF8131FE4514')
    assert.equal(seen.resets, 3)
    reader.send('000102' + '000104')
    await reader.answer()
    assert.equal(seen.resets, 4)
    await attachment.detach()
    await closeReader(server, reader)
  })

  it('waits for a reader, and comes back after it restarted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vpcd-'))
    const path = join(folder, 'reader')
    const { card, seen } = echoCard()
    const told = states()
    const first = told.next('waiting')
    const attachment = attach(card, { path, onState: told.onState })
    assert.deepEqual(await first, { state: 'waiting', reason: 'reader.not-listening', retryInMs: 100 })

    for (const round of [1, 2]) {
      const server = await listening(path)
      const reader = await nextReader(server)
      reader.send('000101' + '000400200080')
      assert.equal(await reader.answer(), '002000809000')
      assert.equal(seen.commands, round)
      const lost = told.next('waiting')
      await closeReader(server, reader)
      const state = await lost
      assert.equal(state.state === 'waiting' && state.reason, 'reader.closed')
    }
    await attachment.detach()
    await rm(folder, { recursive: true })
  })

  it('answers 6F00 for a card that fails, and tells', async () => {
    const server = await listening(0)
    const { port } = server.address() as { port: number }
    const told = states()
    const faulty = told.next('faulty')
    const attachment = attach(echoCard().card, { port, onState: told.onState })
    const reader = await nextReader(server)
    reader.send('000400FF0000')
    assert.equal(await reader.answer(), '6F00')
    assert.equal((await faulty).state, 'faulty')
    reader.send('000400200080')
    assert.equal(await reader.answer(), '002000809000')
    await attachment.detach()
    await closeReader(server, reader)
  })

  it('leaves a peer that does not speak as vpcd does, and says so', async () => {
    const server = await listening(0)
    const { port } = server.address() as { port: number }
    const told = states()
    const waiting = told.next('waiting')
    const attachment = attach(echoCard().card, { port, onState: told.onState })
    const reader = await nextReader(server)
    reader.send('0000')
    const state = await waiting
    assert.equal(state.state === 'waiting' && state.reason, 'reader.not-vpcd')
    await attachment.detach()
    await closeReader(server, reader)
  })

  it('takes the power from the card when it is detached, and then stays away', async () => {
    const server = await listening(0)
    const { port } = server.address() as { port: number }
    const { card, seen } = echoCard()
    const told = states()
    const attachment = attach(card, { port, onState: told.onState })
    const reader = await nextReader(server)
    const detached = told.next('detached')
    const closed = once(reader.socket, 'close')
    await attachment.detach()
    await attachment.detach()
    await Promise.all([detached, closed])
    assert.equal(seen.resets, 1)
    await closeReader(server, reader)
  })
})
