/** Two ends of an SMPP connection on a real socket, and strangers that speak something else. SMPP v3.4. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { cardMessage, decodePdu, encodePdu } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { ring } from '@mobile-jpki/trace'
import { type Answers, smppConnection } from '../index.ts'

const message = {
  ...cardMessage,
  source: { ton: 0, npi: 1, digits: '1080' },
  destination: { ton: 2, npi: 1, digits: '09012345678' },
  shortMessage: Uint8Array.fromHex('027000'),
}
const unreachable = (error: unknown) => error instanceof Refusal && error.code === 'peer.unreachable'

async function sockets(): Promise<{ near: Socket; far: Socket; close: () => void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  return {
    near,
    far,
    close: () => {
      near.destroy()
      far.destroy()
      server.close()
    },
  }
}

const ends = { self: 'mno-tsm', peer: 'carrier-network' } as const

describe('an SMPP connection', () => {
  it('carries requests both ways at once, each with its own answer, and tells the trace', async () => {
    const { near, far, close } = await sockets()
    const trace = ring()
    const slowFirst = [30, 0]
    const centre: Answers = {
      submitSm: async ({ sequence }) => {
        await new Promise((resolve) => setTimeout(resolve, slowFirst.shift()))
        return { status: 'ok', messageId: `m${sequence}` }
      },
    }
    const one = smppConnection({
      socket: near,
      ends,
      trace,
      answers: { deliverSm: () => ({ status: 'temporaryApplicationError' }) },
    })
    const other = smppConnection({ socket: far, ends: { self: ends.peer, peer: ends.self }, answers: centre })
    const answers = await Promise.all([
      one.request('submitSm', message),
      one.request('submitSm', message, '⑮'),
      other.request('deliverSm', message),
      one.request('enquireLink', {}),
    ])
    assert.deepEqual(
      answers.map((answer) => ('messageId' in answer ? answer.messageId || answer.status : answer.status)),
      ['m1', 'm2', 'temporaryApplicationError', 'ok'],
    )
    assert.deepEqual(
      trace.entries().map(({ what, step }) => [what, step]),
      [
        ['submit_sm', '⑮'],
        ['submit_sm', undefined],
      ],
    )
    await one.close()
    await other.ended
    close()
  })

  it('answers what it cannot read, and hangs up behind a wrong length', async () => {
    const { near, far, close } = await sockets()
    const here = smppConnection({ socket: near, ends, answers: {} })
    const heard: Uint8Array[] = []
    far.on('data', (octets: Uint8Array) => heard.push(octets))
    far.write(Uint8Array.fromHex('00000010000000990000000000000007'))
    far.write(encodePdu({ ...message, name: 'submitSm', status: 'ok', sequence: 8 }))
    while (Buffer.concat(heard).length < 32) await once(far, 'data')
    const all = Buffer.concat(heard)
    const nack = decodePdu(all.subarray(0, 16))
    assert.deepEqual([nack.name, nack.status, nack.sequence], ['genericNack', 'invalidCommandId', 7])
    const refused = decodePdu(all.subarray(16))
    assert.deepEqual([refused.name, refused.status, refused.sequence], ['submitSmResp', 'incorrectBindStatus', 8])
    far.write(Uint8Array.fromHex('ffffffff'))
    await here.ended
    close()
  })

  it('is given up when nobody answers, and nothing waits for ever', async () => {
    const { near, close } = await sockets()
    const here = smppConnection({ socket: near, ends, answers: {}, responseMilliseconds: 30, idleMilliseconds: 20 })
    await assert.rejects(here.request('submitSm', message), unreachable)
    await here.ended
    await assert.rejects(here.request('submitSm', message), unreachable)
    close()
  })
})
