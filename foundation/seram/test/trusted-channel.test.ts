/** A channel to a domain that the bearer speaks for: nothing is opened inside. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GetStatus, Select } from '@mobile-jpki/globalplatform'
import { Refusal } from '@mobile-jpki/refusal'
import { type Element, type Instruction, instruct, openSecureChannel } from '../index.ts'

const domain = Uint8Array.fromHex('A000000151000000')
const other = Uint8Array.fromHex('A0000001515350414D')
const dek = new Uint8Array(16).fill(7)
const ask = instruct(GetStatus, { p1: 'applications', p2: 'first', data: { aid: other } })

/** Answers 9000 to each, or what is said. */
const elementThat = (answer: (what: string) => number, sent: string[][]): Element => ({
  seId: '8981200000000000015',
  signal: new AbortController().signal,
  trust: { domain, keyEncryption: { protocol: '03', dek } },
  until: (happens) => happens,
  send: async (batch: readonly Instruction[]) => {
    sent.push(batch.map(({ what }) => what))
    const answers = batch.map(({ what }) => ({ data: new Uint8Array(), sw: answer(what) }))
    const stopped = answers.findIndex(({ sw }) => sw !== 0x9000)
    return stopped < 0 ? answers : answers.slice(0, stopped + 1)
  },
})

const options = {
  step: '⑮',
  aid: domain,
  keyVersion: 0,
  scp: { protocol: '03' },
  securityLevel: 0x33,
  keysOf: () => assert.fail('no keys are needed'),
  randomOctets: () => assert.fail('no challenge is made'),
} as const

describe('a channel that the bearer speaks for', () => {
  it('addresses the domain in front of the first commands, and sends them as they are', async () => {
    const sent: string[][] = []
    const channel = await openSecureChannel(
      elementThat(() => 0x9000, sent),
      options,
    )
    assert.equal((await channel.exchangeAll([ask, ask])).length, 2)
    await channel.transmit(ask)
    assert.deepEqual(sent, [[Select.name, GetStatus.name, GetStatus.name], [GetStatus.name]])
    assert.deepEqual(channel.session, { protocol: '03', dek })
  })

  it('goes behind what concludes another channel', async () => {
    const sent: string[][] = []
    const settled: number[] = []
    const behind = { batch: [ask], settle: (responses: readonly unknown[]) => settled.push(responses.length) }
    const channel = await openSecureChannel(
      elementThat(() => 0x9000, sent),
      { ...options, behind },
    )
    const { batch, settle } = channel.conclude([ask])
    assert.deepEqual(
      batch.map(({ what }) => what),
      [GetStatus.name, Select.name, GetStatus.name],
    )
    assert.equal(settle(batch.map(() => ({ data: new Uint8Array(), sw: 0x9000 }))).length, 1)
    assert.deepEqual(settled, [1])
  })

  it('says which command was refused', async () => {
    const channel = await openSecureChannel(
      elementThat((what) => (what === Select.name ? 0x9000 : 0x6a88), []),
      options,
    )
    await assert.rejects(
      channel.transmitAll([ask, ask]),
      (error) => error instanceof Refusal && error.code === 'card.refused' && error.message.includes(GetStatus.name),
    )
  })

  it('is opened inside the bearer where that speaks for another domain', async () => {
    const sent: string[][] = []
    await assert.rejects(
      openSecureChannel(
        elementThat(() => 0x6a88, sent),
        {
          ...options,
          aid: other,
          randomOctets: (length) => new Uint8Array(length),
        },
      ),
      (error) => error instanceof Refusal && error.code === 'card.refused',
    )
    assert.deepEqual(sent, [['SELECT', 'INITIALIZE UPDATE']])
  })
})
