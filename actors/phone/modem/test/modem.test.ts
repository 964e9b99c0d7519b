/** The modem between network and SIM, and what it does for the SIM: 3GPP TS 31.111, ETSI TS 102 223. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { channelDevice, type ProactiveCommand } from '@mobile-jpki/ota'
import { openTerminal, scriptedCard, until } from './terminal.ts'

const message = (id: string) => ({ id, serviceCentre: '+819000000001', tpdu: Uint8Array.of(0x40, 0x01, 0x02) })
const toTerminal = { source: 'uicc', destination: 'terminal' } as const
const open = (port: number, number = 1): ProactiveCommand => ({
  details: { number, type: 'openChannel', qualifier: 1 },
  devices: toTerminal,
  bearer: { type: 'terminalDefault', parameters: new Uint8Array() },
  bufferSize: 1024,
  transport: { protocol: 'tcpClient', port },
  destination: '127.0.0.1',
})
const toChannel = { source: 'uicc', destination: channelDevice(1) } as const

describe('short messages', () => {
  it('go to the SIM, and what it answers back to the network', async () => {
    const card = scriptedCard()
    card.envelopeAnswer = { data: Uint8Array.of(0x02, 0x71, 0x00, 0x07), sw: 0x9000 }
    const terminal = await openTerminal(card)
    terminal.state.waiting.push(message('a'))
    await until(() => terminal.reports.length === 1)
    assert.deepEqual(terminal.reports[0], { id: 'a', report: { userData: card.envelopeAnswer.data } })
    const [envelope] = card.envelopes
    assert.ok(envelope?.kind === 'smsDownload')
    assert.deepEqual(envelope.serviceCentre, { type: 'international', digits: '819000000001' })
    await terminal.stop()
  })

  it('that the SIM cannot take now, or at all, are told from those that it took', async () => {
    const card = scriptedCard()
    const terminal = await openTerminal(card)
    for (const [at, [sw, failureCause]] of [
      [0x9300, 0xd4],
      [0x6985, 0xd5],
    ].entries()) {
      card.envelopeAnswer = { data: new Uint8Array(), sw: sw ?? 0 }
      terminal.state.waiting.push(message(`${at}`))
      await until(() => terminal.reports.length === at + 1)
      assert.deepEqual(terminal.reports[at]?.report, { failureCause })
    }
    await terminal.stop()
  })

  it('whose report was lost are not handed over again', async () => {
    const card = scriptedCard()
    const terminal = await openTerminal(card)
    terminal.state.waiting.push(message('a'))
    await until(() => card.envelopes.length === 1)
    await until(() => terminal.reports.length === 1)
    terminal.state.waiting.push(message('a'))
    await until(() => terminal.reports.length === 2)
    assert.equal(card.envelopes.length, 1)
    await terminal.stop()
  })
})

describe('the modem goes on', () => {
  it('when the network is away for a while', async () => {
    const card = scriptedCard()
    const terminal = await openTerminal(card)
    await until(() => terminal.state.attachments === 1)
    terminal.state.isThere = false
    terminal.state.waiting.push(message('a'))
    terminal.state.isThere = true
    await until(() => terminal.reports.length === 1)
    assert.equal(card.profiles, 1)
    await terminal.stop()
  })

  it('when the SIM is reset, taken out and put in: it hears the terminal’s profile anew each time', async () => {
    const card = scriptedCard()
    const terminal = await openTerminal(card)
    await until(() => card.profiles === 1)
    await terminal.slot.shared.reset()
    await until(() => card.profiles === 2)
    terminal.slot.remove()
    terminal.state.waiting.push(message('a'))
    await terminal.slot.put(card)
    await until(() => card.profiles >= 3 && terminal.reports.length === 1)
    await terminal.stop()
  })
})

describe('proactive commands', () => {
  it('open a channel to a server, send, receive what comes, and close it', async () => {
    const sockets: Socket[] = []
    const heard: Buffer[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('data', (octets: Buffer) => heard.push(octets))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const card = scriptedCard()
    card.ask(open(port), {
      details: { number: 2, type: 'sendData', qualifier: 1 },
      devices: toChannel,
      data: Uint8Array.of(1, 2, 3),
    })
    const terminal = await openTerminal(card)
    await until(() => heard.length === 1)
    assert.deepEqual([...Buffer.concat(heard)], [1, 2, 3])
    sockets[0]?.write(Uint8Array.of(4, 5, 6, 7))
    await until(() => card.envelopes.some(({ kind }) => kind === 'dataAvailable'))
    card.ask({ details: { number: 3, type: 'receiveData', qualifier: 0 }, devices: toChannel, length: 3 })
    await until(() => card.responses.length === 3)
    assert.deepEqual([card.responses[2]?.data, card.responses[2]?.length], [Uint8Array.of(4, 5, 6), 1])
    // What came before the end is fetched first.
    sockets[0]?.end()
    card.ask({ details: { number: 4, type: 'receiveData', qualifier: 0 }, devices: toChannel, length: 200 })
    await until(() => card.envelopes.some((one) => one.kind === 'channelStatus' && one.status.further === 'dropped'))
    card.ask({ details: { number: 5, type: 'closeChannel', qualifier: 0 }, devices: toChannel })
    await until(() => card.responses.length === 5)
    assert.ok(card.responses.every(({ result }) => result.general === 'performed'))
    card.ask({ details: { number: 6, type: 'sendData', qualifier: 1 }, devices: toChannel, data: Uint8Array.of(1) })
    await until(() => card.responses.length === 6)
    assert.deepEqual(card.responses[5]?.result, { general: 'bearerError', additional: Uint8Array.of(0x03) })
    await terminal.stop()
    server.close()
  })

  it('to a server that is not there are answered so', async () => {
    const card = scriptedCard()
    card.ask(open(1))
    const terminal = await openTerminal(card)
    await until(() => card.responses.length === 1)
    assert.deepEqual(card.responses[0]?.result, { general: 'bearerError', additional: Uint8Array.of(0x07) })
    await terminal.stop()
  })

  it('run timers, and send short messages under a number of the terminal’s', async () => {
    const card = scriptedCard()
    const devices = toTerminal
    card.ask({ details: { number: 1, type: 'timerManagement', qualifier: 0 }, devices, timer: 2, value: 60 })
    card.ask({
      details: { number: 2, type: 'sendShortMessage', qualifier: 0 },
      devices: { source: 'uicc', destination: 'network' },
      tpdu: Uint8Array.of(0x41, 0x00, 0x05),
    })
    const terminal = await openTerminal(card)
    await until(() => card.envelopes.some((one) => one.kind === 'timerExpiration' && one.timer === 2))
    await until(() => card.responses.length === 2)
    // It is asked before the network is reached, or behind that: the network has it, or the SIM knows that it has not.
    const isSent = terminal.sent[0]?.toHex() === '410105'
    assert.equal(card.responses[1]?.result.general, isSent ? 'performed' : 'networkUnable')
    await terminal.stop()
  })

  it('of a kind that nobody knows are answered by their own details', async () => {
    const card = scriptedCard()
    card.ask(Uint8Array.fromHex('d009810309600082028182'))
    const terminal = await openTerminal(card)
    await until(() => card.raw.length === 1)
    assert.equal(card.raw[0]?.toHex(), '810309600082028281830131')
    await terminal.stop()
  })
})
