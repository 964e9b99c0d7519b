import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  acceptCommand,
  decryptData,
  externalAuthenticate,
  type InitializedSession,
  initializeUpdate,
  type KeySet,
  protectResponse,
  type Scp,
  type SecureChannelSession,
  type SecurityLevel,
  wrapSecret,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, isNormalOrWarning, type ResponseApdu, StatusWordError, SW } from '@mobile-jpki/iso7816'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type ChannelOptions, type Element, type Instruction, openSecureChannel } from '../index.ts'
import { iccid, instruction } from './scripted-agent.ts'

const aid = Uint8Array.fromHex('A000000151000000')
const key = (fill: number) => new Uint8Array(16).fill(fill)
const keys: KeySet = { enc: key(1), mac: key(2), dek: key(3) }
const none = new Uint8Array()

/** Tells of every command that came through the secure channel; one of them may be refused. */
interface Chip {
  readonly element: Element
  readonly batches: string[][]
  readonly received: CommandApdu[]
  session: SecureChannelSession | undefined
}

/** A security domain by the card's own side of the standard: what passes here, passes a card. */
function chip(scp: Scp, { refuse = -1, corrupt = -1 } = {}): Chip {
  let initialized: InitializedSession | undefined
  const one: Chip = {
    batches: [],
    received: [],
    session: undefined,
    element: {
      seId: iccid,
      signal: new AbortController().signal,
      until: (happens) => happens,
      send: async (batch) => {
        one.batches.push(batch.map(({ what }) => what))
        const responses: ResponseApdu[] = []
        for (const { apdu } of batch) {
          responses.push(answer(apdu))
          if (!isNormalOrWarning(responses.at(-1)?.sw ?? 0)) break
        }
        return responses
      },
    },
  }
  const answer = (apdu: CommandApdu): ResponseApdu => {
    if (apdu.ins === 0xa4) return { data: none, sw: apdu.data.length === 8 ? SW.ok : SW.fileOrApplicationNotFound }
    if (apdu.ins === 0x50) {
      const { response, next } = initializeUpdate({
        scp,
        keys,
        keyVersion: 0x30,
        hostChallenge: apdu.data,
        keyDiversificationData: key(0xdd).slice(0, 10),
        sequenceCounter: 7,
        random: key(9),
        aid,
      })
      initialized = next
      return { data: response, sw: SW.ok }
    }
    if (apdu.ins === 0x82 && initialized !== undefined) {
      const step = externalAuthenticate(initialized, apdu)
      one.session = step.accepted ? step.next : undefined
      return { data: none, sw: step.accepted ? SW.ok : step.sw }
    }
    if (one.session === undefined) return { data: none, sw: SW.securityStatusNotSatisfied }
    const step = acceptCommand(one.session, apdu)
    if (!step.accepted) return { data: none, sw: step.sw }
    const count = one.received.push(step.apdu)
    const plain =
      count === refuse ? { data: none, sw: SW.notEnoughMemory } : { data: Uint8Array.of(step.apdu.p2), sw: SW.ok }
    const { response, next } = protectResponse(step.next, plain)
    one.session = next
    return count === corrupt ? { ...response, data: response.data.map((octet) => octet ^ 1) } : response
  }
  return one
}

const open = ({ element }: Chip, scp: Scp, securityLevel: SecurityLevel, given: Partial<ChannelOptions> = {}) =>
  openSecureChannel(element, {
    step: '⑮',
    aid,
    keyVersion: 0x30,
    keysOf: () => keys,
    scp,
    securityLevel,
    randomOctets: (length) => new Uint8Array(length).fill(5),
    ...given,
  })

const instructions = (count: number): Instruction[] =>
  Array.from({ length: count }, (_, at) => {
    const { what, apdu } = instruction(at + 1)
    return { what, apdu: { ...apdu, data: new Uint8Array(at % 3).fill(at) } }
  })

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const channels: readonly (readonly [Scp, SecurityLevel])[] = [
  [{ protocol: '03', i: 0x00 }, 0x01],
  [{ protocol: '03', i: 0x10 }, 0x03],
  [{ protocol: '03', i: 0x70 }, 0x33],
  [{ protocol: '03', i: 0x71 }, 0x33],
  [{ protocol: '02', i: 0x15 }, 0x03],
  [{ protocol: '02', i: 0x55 }, 0x03],
  [{ protocol: '02', i: 0x75 }, 0x13],
]

describe('secure channel over the agent', () => {
  for (const [scp, level] of channels)
    it(`carries commands ahead and reads the answers, SCP${scp.protocol} i=${scp.i.toString(16)} level ${level.toString(16)}`, async () => {
      const card = chip(scp)
      const channel = await open(card, scp, level)
      const sent = instructions(40)
      const answers = await channel.transmitAll(sent)
      assert.deepEqual(
        answers,
        sent.map(({ apdu }) => Uint8Array.of(apdu.p2)),
      )
      assert.deepEqual(
        card.received.map(({ p2, data }) => [p2, data]),
        sent.map(({ apdu }) => [apdu.p2, apdu.data]),
      )
      assert.deepEqual(await channel.transmit(instruction(99)), Uint8Array.of(99))
      const oneByOne = scp.protocol === '02' && level === 0x13
      assert.equal(card.batches.length, 2 + (oneByOne ? 40 : 3) + 1)
      assert.deepEqual(card.batches.slice(0, 2), [['SELECT', 'INITIALIZE UPDATE'], ['EXTERNAL AUTHENTICATE']])
    })

  it('encrypts keys under the DEK of the session', async () => {
    const scp = { protocol: '03', i: 0x70 } as const
    const card = chip(scp)
    const { session } = await open(card, scp, 0x33)
    assert.ok(card.session)
    assert.deepEqual(decryptData(card.session, wrapSecret(session, key(7))), key(7))
  })

  const scp = { protocol: '03', i: 0x70 } as const

  it('names the command that the card refused, with its status word, and is over', async () => {
    const channel = await open(chip(scp, { refuse: 3 }), scp, 0x33)
    await assert.rejects(channel.transmitAll(instructions(5)), (error) => {
      assert.ok(error instanceof Refusal && error.cause instanceof StatusWordError)
      assert.match(error.message, /^COMMAND 3: 6A84 There is not enough memory/)
      assert.deepEqual([error.code, error.whose, error.cause.sw], ['card.refused', 'sim', SW.notEnoughMemory])
      return true
    })
    await assert.rejects(channel.transmit(instruction(6)), /the secure channel is over/)
  })

  it('lives on when the refused command was the last of its batch', async () => {
    const channel = await open(chip(scp, { refuse: 1 }), scp, 0x33)
    assert.equal((await channel.exchange(instruction(1))).sw, SW.notEnoughMemory)
    assert.deepEqual(await channel.transmit(instruction(2)), Uint8Array.of(2))
  })

  it('believes no answer that was changed on the way', async () => {
    const channel = await open(chip(scp, { corrupt: 2 }), scp, 0x33)
    await assert.rejects(channel.transmitAll(instructions(3)), refusedWith('sim.attestation-invalid', /R-MAC/))
    await assert.rejects(channel.transmit(instruction(4)), /the secure channel is over/)
  })

  it('opens to no card with other keys, another protocol or other options, or that says nothing of the kind', async () => {
    const wrong = { ...keys, mac: key(8) }
    const another = { protocol: '02', i: 0x15 } as const
    await assert.rejects(open(chip(scp), scp, 0x33, { keysOf: () => wrong }), refusedWith('sim.attestation-invalid'))
    await assert.rejects(open(chip(another), scp, 0x33), refusedWith('sim.attestation-invalid'))
    await assert.rejects(open(chip({ protocol: '03', i: 0x10 }), scp, 0x33), refusedWith('sim.attestation-invalid'))
    const mute: Chip = chip(scp)
    const element: Element = {
      ...mute.element,
      send: async () => [
        { data: none, sw: SW.ok },
        { data: none, sw: SW.ok },
      ],
    }
    await assert.rejects(open({ ...mute, element }, scp, 0x33), refusedWith('sim.attestation-invalid'))
  })

  it('opens to no card whose security domain is not there, and takes the keys by what the card says', async () => {
    const card = chip(scp)
    await assert.rejects(open(card, scp, 0x33, { aid: aid.slice(0, 7) }), refusedWith('card.refused', /^SELECT: 6A82/))
    const refusal = new Refusal('sim.not-the-named-one')
    const asked: number[] = []
    const keysOf: ChannelOptions['keysOf'] = ({ keyVersion, keyDiversificationData }) => {
      asked.push(keyVersion, keyDiversificationData.length)
      throw refusal
    }
    await assert.rejects(open(card, scp, 0x33, { keysOf }), refusal)
    assert.deepEqual(asked, [0x30, 10])
  })
})
