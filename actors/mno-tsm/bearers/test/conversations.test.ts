/** SP-TSM's conversations: what passes, once, and what does not. The SIM is a list of answers. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { Select } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { appletInstance, casd, issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { Abandoned, type Element } from '@mobile-jpki/seram'
import { openStore } from '@mobile-jpki/store'
import { type AirTables, airRecordsIn, overTheAir } from '../../store/over-the-air.ts'
import { scriptConversations } from '../conversations.ts'
import type { OverTheAir } from '../over-the-air.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code
const select = (aid: Uint8Array) => encodeCommandApdu(Select.toApdu({ p2: 'first', data: aid }))
const iccid = '8981200000000000015'

async function bench(
  send: Element['send'] = async (batch) => batch.map(() => ({ data: new Uint8Array(), sw: 0x9000 })),
) {
  const store = await openStore<AirTables>({ url: 'sqlite::memory:', name: 'test', migrations: [overTheAir] })
  const records = airRecordsIn(store)
  const seen = { sent: 0, open: 0 }
  let now = new Date('2026-11-22T10:00:00Z')
  const air: OverTheAir = {
    run: () => assert.fail(),
    close: async () => undefined,
    open: async () => {
      seen.open += 1
      const { signal } = new AbortController()
      const element: Element = {
        seId: iccid,
        signal,
        until: (happens) => happens,
        send: (batch, step) => {
          seen.sent += 1
          return send(batch, step)
        },
      }
      return {
        element,
        close: async () => {
          seen.open -= 1
        },
      }
    },
  }
  const process = () =>
    scriptConversations({
      air,
      records,
      simOfOrder: async (orderId) => {
        if (orderId === 'none') throw new Refusal('reference.not-found')
        return iccid
      },
      now: () => now,
      onFault: (error) => assert.fail(String(error)),
      answerMilliseconds: 20,
    })
  const orderId = randomUUID()
  const conversations = process()
  const { id } = await conversations.begin(randomUUID(), orderId, 'scp80')
  const script = (...commands: Uint8Array[]) => ({
    functionCall: randomUUID(),
    conversation: id,
    commands,
    what: commands.map(() => 'command'),
  })
  const pass = (milliseconds: number) => {
    now = new Date(now.getTime() + milliseconds)
  }
  return { conversations, process, orderId, id, script, seen, pass }
}

const initializeUpdate = Uint8Array.fromHex('80500000080102030405060708')

describe('a conversation of SP-TSM’s', () => {
  it('carries scripts to its own domain, its applet and the CASD, and to nothing else', async () => {
    const { conversations, script, seen } = await bench()
    for (const aid of [spSecurityDomain, appletInstance, casd]) {
      const { state, responses } = await conversations.send(script(select(aid), initializeUpdate))
      assert.deepEqual([state, responses.length], ['done', 2])
    }
    const sent = seen.sent
    const elsewhere = [
      select(issuerSecurityDomain),
      select(new Uint8Array()),
      select(spSecurityDomain.subarray(0, 6)),
      Uint8Array.fromHex('00a4000c023f00'),
    ]
    for (const command of elsewhere)
      await assert.rejects(
        conversations.send(script(select(spSecurityDomain), command)),
        refusedWith('caller.not-allowed'),
      )
    assert.equal(seen.sent, sent)
  })

  it('reaches nothing before it has said where it goes', async () => {
    const { conversations, script, seen } = await bench()
    await assert.rejects(conversations.send(script(initializeUpdate)), refusedWith('conditions.not-satisfied'))
    assert.deepEqual(seen, { sent: 0, open: 0 })
  })

  it('sends a script once, however often it is asked for: at once, later, by another process', async () => {
    const { conversations, process, script, seen } = await bench()
    const request = script(select(spSecurityDomain))
    const replies = await Promise.all([conversations.send(request), conversations.send(request)])
    replies.push(await conversations.send(request), await process().send(request))
    assert.equal(seen.sent, 1)
    for (const reply of replies) assert.deepEqual(reply, replies[0])
    const other = { ...request, commands: [select(appletInstance)] }
    await assert.rejects(conversations.send(other), refusedWith('request.key-reused'))
  })

  it('says that a script is under way until its answer is there', async () => {
    const answer = Promise.withResolvers<{ data: Uint8Array; sw: number }[]>()
    const { conversations, script } = await bench(() => answer.promise)
    const request = script(select(spSecurityDomain))
    assert.deepEqual(await conversations.send(request), { state: 'underWay', responses: [] })
    await assert.rejects(
      conversations.send(script(select(spSecurityDomain))),
      refusedWith('conditions.not-satisfied'),
      'one at a time',
    )
    answer.resolve([{ data: new Uint8Array(), sw: 0x9000 }])
    await answer.promise
    assert.equal((await conversations.send(request)).state, 'done')
  })

  it('is over when the SIM does not answer, and tells so again', async () => {
    for (const reason of [new Abandoned('its answer was lost'), new Refusal('card.absent')]) {
      const { conversations, script, seen } = await bench(() => Promise.reject(reason))
      const request = script(select(spSecurityDomain))
      await assert.rejects(conversations.send(request), refusedWith('card.absent'))
      await assert.rejects(conversations.send(request), refusedWith('card.absent'))
      await assert.rejects(
        conversations.send(script(select(spSecurityDomain))),
        refusedWith('conditions.not-satisfied'),
      )
      assert.deepEqual(seen, { sent: 1, open: 0 })
    }
  })

  it('tells of a script whose process died that nobody knows, and sends it to nobody', async () => {
    const { conversations, process, script, seen } = await bench(() => new Promise(() => {}))
    const request = script(select(spSecurityDomain))
    await conversations.send(request)
    await assert.rejects(process().send(request), refusedWith('card.absent'))
    assert.equal(seen.sent, 1)
  })

  it('ends by its end, by its time, and by the next one of its order', async () => {
    const { conversations, script, orderId, id, pass } = await bench()
    const next = await conversations.begin(randomUUID(), orderId, 'scp80')
    await assert.rejects(conversations.send(script(select(spSecurityDomain))), refusedWith('conditions.not-satisfied'))
    assert.equal((await conversations.begin(next.id, orderId, 'scp80')).id, next.id, 'the same call is the same one')
    const ofNext = { ...script(select(spSecurityDomain)), conversation: next.id }
    pass(3_600_001)
    await assert.rejects(conversations.send(ofNext), refusedWith('conditions.not-satisfied'))
    await conversations.end(id)
    await conversations.end(id)
    await assert.rejects(conversations.end(randomUUID()), refusedWith('reference.not-found'))
    await assert.rejects(conversations.begin(randomUUID(), 'none', 'scp80'), refusedWith('reference.not-found'))
  })
})
