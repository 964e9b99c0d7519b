/** The SIM as an HTTP client: woken by a message, through the phone's modem, to a server whose TLS is not ours. GPC Amendment B. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Card, encodeCommandApdu } from '@mobile-jpki/iso7816'
import { ResponseScript, readRequest, responseApdus, SessionTrigger, writeResponse } from '@mobile-jpki/ota'
import { administrationKeys, bytes, type Radio, radioWith } from './bench.ts'
import { scriptedServer } from './node-server.ts'
import { opensslServer } from './openssl-server.ts'
import { getManager, getStatus, keepManager, newSim, parametersTo, script } from './sim.ts'

/** While a session is under way the SIM is busy, and the network may try again. */
async function sendUntilTaken(radio: Radio, trigger: Uint8Array): Promise<void> {
  for (let counter = 2; ; counter++) {
    const said = await radio.send(trigger, counter)
    if ('status' in said && said.status === 'ok') return
    assert.ok('failureCause' in said)
    assert.equal(said.failureCause, 0xd4)
    await setTimeout(20)
  }
}

describe('administration over HTTP', () => {
  for (const suite of ['PSK-AES128-CBC-SHA256', 'PSK-NULL-SHA256'] as const)
    it(`runs scripts from a server with OpenSSL's ${suite}`, async () => {
      const server = await opensslServer({ psk: administrationKeys.psk, suite })
      const radio = await radioWith(newSim())
      try {
        const proof = await radio.send(SessionTrigger.encode({ session: parametersTo(server.port) }), 1)
        assert.ok('status' in proof && proof.status === 'ok')
        const first = readRequest(await server.request())
        assert.deepEqual(first, {
          uri: '/begin',
          host: 'administration.example',
          from: '//se-id/iccid/19',
          resume: false,
        })
        server.answer(writeResponse({ commands: script(getStatus), nextUri: '/next' }, { chunk: 7 }))
        const second = readRequest(await server.request())
        assert.equal(second.uri, '/next')
        const [answer = new Uint8Array()] = responseApdus(ResponseScript.decode(second.responses ?? new Uint8Array()))
        assert.equal(answer.slice(-2).toHex(), '9000')
        server.answer(writeResponse({}))
      } finally {
        await radio.stop()
        await server.stop()
      }
    })

  const answers = {
    '/begin': { commands: script(keepManager('A')), nextUri: '/second' },
    '/second': { commands: script(keepManager('B')), nextUri: '/third' },
  } as const
  const managerOf = async (slot: { readonly shared: Card }) =>
    (await slot.shared.transmit(encodeCommandApdu(getManager))).toHex()

  it('goes on where it was after the connection broke, without what it had to answer', async () => {
    const server = await scriptedServer({
      psk: administrationKeys.psk,
      answers,
      breaks: ({ uri, resume }) => uri === '/second' && !resume,
    })
    const radio = await radioWith(newSim())
    await radio.send(SessionTrigger.encode({ session: parametersTo(server.port, 2) }), 1)
    await server.ended
    assert.deepEqual(
      server.requests.map(({ uri, resume, status, responses }) => [uri, resume, status, responses !== undefined]),
      [
        ['/begin', false, undefined, false],
        ['/second', false, 'ok', true],
        ['/second', true, undefined, false],
        ['/third', false, 'ok', true],
      ],
    )
    assert.equal(await managerOf(radio.slot), '5f5001429000')
    await radio.stop()
    await server.stop()
  })

  it('gives up when its tries are over, and takes the next message', async () => {
    const server = await scriptedServer({ psk: administrationKeys.psk, answers, breaks: (_, count) => count <= 3 })
    const radio = await radioWith(newSim())
    await radio.send(SessionTrigger.encode({ session: parametersTo(server.port, 2) }), 1)
    await sendUntilTaken(radio, SessionTrigger.encode({ session: parametersTo(server.port) }))
    await server.ended
    assert.equal(server.requests.filter(({ resume }) => resume).length, 2)
    await radio.stop()
    await server.stop()
  })

  it('does not try again where the server has another key', async () => {
    const server = await scriptedServer({ psk: new Uint8Array(32), answers })
    const radio = await radioWith(newSim())
    await radio.send(SessionTrigger.encode({ session: parametersTo(server.port, 5) }), 1)
    await sendUntilTaken(radio, SessionTrigger.encode({ session: parametersTo(server.port, 5) }))
    assert.equal(server.sessions(), 0)
    await radio.stop()
    await server.stop()
  })

  it('says of whom it does not reach why', async () => {
    const target = (hex: string) => ({ commands: script(getStatus), target: bytes(hex) })
    const server = await scriptedServer({
      psk: administrationKeys.psk,
      answers: {
        '/begin': { ...target('A0000000000001'), nextUri: '/program' },
        '/program': { ...target('A00000015153504341534400'), nextUri: '/itself' },
        '/itself': { ...target('A000000151000000'), nextUri: '/end' },
      },
    })
    const casd = { privateKey: new Uint8Array(32).fill(1), certificate: bytes('7F2103530142') }
    const radio = await radioWith(newSim(undefined, { casd }))
    await radio.send(SessionTrigger.encode({ session: parametersTo(server.port) }), 1)
    await server.ended
    assert.deepEqual(
      server.requests.map(({ status }) => status),
      [undefined, 'unknown-application', 'not-a-security-domain', 'ok'],
    )
    await radio.stop()
    await server.stop()
  })
})
