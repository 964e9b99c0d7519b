/** A SIM by way of MNO-TSM: what is asked again, what is not, and what ends the stage. MNO-TSM is a list of answers, behind real HTTP. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { beginConversation, endConversation, sendScript } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { Abandoned } from '@mobile-jpki/seram'
import { type Listening, listen, serve } from '@mobile-jpki/service'
import { conversationWith } from '../element.ts'
import { again, deployed } from '../over-the-air.ts'

const opened: Listening[] = []
after(() => Promise.all(opened.map((one) => one.close())))

type Answer = RefusalCode | 'underWay' | 'done'
const status = 'Executed-Success' as const
const command = { what: 'GET DATA', apdu: { cla: 0x80, ins: 0xca, p1: 0, p2: 0x66, data: new Uint8Array() } }

async function bench(answers: Answer[]) {
  const ids: string[] = []
  const seen = { begun: 0, ended: 0 }
  const open = { callers: 'public' as const }
  const server = await listen({
    actor: 'mno-tsm',
    port: 0,
    log: 'silent',
    routes: [
      serve({ ...beginConversation, ...open }, () => {
        seen.begun += 1
        return { status, conversation: randomUUID(), validUntil: new Date() }
      }),
      serve({ ...sendScript, ...open }, ({ functionCall, commands }) => {
        ids.push(functionCall.id)
        const answer = answers.shift() ?? 'done'
        if (answer === 'underWay') return { status, state: answer, responses: [] }
        if (answer === 'done') return { status, state: answer, responses: commands.map(() => Uint8Array.of(0x90, 0)) }
        throw new Refusal(answer)
      }),
      serve({ ...endConversation, ...open }, () => {
        seen.ended += 1
        return { status }
      }),
    ],
  })
  opened.push(server)
  const ending = new AbortController()
  const peer = { url: server.url, actor: 'mno-tsm', as: 'sp-tsm' } as const
  const world = {
    peer,
    carrier: 'carrier-c',
    bearer: 'scp80',
    newId: randomUUID,
    pauseMilliseconds: 1,
    tries: 3,
  } as const
  const { element, end } = conversationWith(
    world,
    { orderId: randomUUID(), iccid: '8981300000000000013' },
    ending.signal,
  )
  return { element, end, ids, seen, ending }
}

describe('a SIM by way of its carrier', () => {
  it('is asked under one function call until its answer is there, and in the next one under another', async () => {
    const { element, end, ids, seen } = await bench(['underWay', 'peer.unreachable', 'store.busy', 'done', 'done'])
    assert.deepEqual(
      (await element.send([command, command], '⑱')).map(({ sw }) => sw),
      [0x9000, 0x9000],
    )
    await element.send([command], '⑱')
    assert.deepEqual([ids.length, new Set(ids).size, new Set(ids.slice(0, 4)).size], [5, 2, 1])
    await end()
    assert.deepEqual(seen, { begun: 1, ended: 1 })
  })

  it('is let go by nobody who did not begin', async () => {
    const { end, seen } = await bench([])
    await end()
    assert.deepEqual(seen, { begun: 0, ended: 0 })
  })

  it('is a stage that begins again when the conversation is over', async () => {
    const { element } = await bench(['conditions.not-satisfied'])
    await assert.rejects(element.send([command], '⑱'), Abandoned)
  })

  it('says what the carrier says', async () => {
    for (const code of ['card.absent', 'caller.not-allowed'] as const) {
      const { element } = await bench([code])
      await assert.rejects(element.send([command], '⑱'), (error) => error instanceof Refusal && error.code === code)
    }
    const { element } = await bench(['peer.unreachable', 'peer.unreachable', 'peer.unreachable'])
    await assert.rejects(
      element.send([command], '⑱'),
      (error) => error instanceof Refusal && error.code === 'peer.unreachable',
    )
  })

  it('ends with the stage', async () => {
    const { element, ending } = await bench(['underWay', 'underWay', 'underWay'])
    ending.abort(new Abandoned('over'))
    await assert.rejects(element.send([command], '⑱'), Abandoned)
    await assert.rejects(element.until(new Promise(() => {})), Abandoned)
  })
})

describe('what goes on over the air', () => {
  it('begins again what the network lost, a few times', async () => {
    const { signal } = new AbortController()
    let runs = 0
    const lost = async () => {
      runs += 1
      if (runs < 3) throw new Abandoned('lost')
      return runs
    }
    assert.equal(await again(signal, lost), 3)
    await assert.rejects(
      again(signal, () => Promise.reject(new Abandoned('lost'))),
      (error) => error instanceof Refusal && error.code === 'card.absent',
    )
  })

  it('waits for a carrier that is at work', async () => {
    const states = ['requested', 'appletInstalled'] as const
    let looked = 0
    const look = async () => ({ state: states[looked++] ?? 'failed' }) as const
    assert.equal((await deployed(look)).state, 'appletInstalled')
  })
})
