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
import { type ChannelOptions, type Element, type Instruction, openSecureChannel, Unforeseen } from '../index.ts'
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

const foreseeable: readonly (readonly [Scp, SecurityLevel])[] = [
  [{ protocol: '03', i: 0x10 }, 0x03],
  [{ protocol: '03', i: 0x70 }, 0x33],
  [{ protocol: '03', i: 0x71 }, 0x33],
  [{ protocol: '02', i: 0x55 }, 0x03],
]

const channels: readonly (readonly [Scp, SecurityLevel])[] = [
  [{ protocol: '03', i: 0x00 }, 0x01],
  [{ protocol: '03', i: 0x10 }, 0x03],
  [{ protocol: '03', i: 0x70 }, 0x33],
  [{ protocol: '03', i: 0x71 }, 0x33],
  [{ protocol: '02', i: 0x15 }, 0x03],
  [{ protocol: '02', i: 0x55 }, 0x03],
  [{ protocol: '02', i: 0x75 }, 0x13],
]

describe('a secure channel whose card can be foreseen', () => {
  for (const [scp, level] of foreseeable)
    it(`asks for nothing: all goes in one round trip, SCP${scp.protocol} i=${scp.i.toString(16)}`, async () => {
      const card = chip(scp)
      const channel = await open(card, scp, level, { foreseen: { keys, sequenceCounter: 7 } })
      assert.deepEqual(await channel.transmitAll(instructions(2)), [Uint8Array.of(1), Uint8Array.of(2)])
      assert.deepEqual(card.batches, [
        ['SELECT', 'INITIALIZE UPDATE', 'EXTERNAL AUTHENTICATE', 'COMMAND 1', 'COMMAND 2'],
      ])
    })

  it('does nothing where the card answers otherwise: other keys, another count, another domain', async () => {
    const scp = { protocol: '03', i: 0x70 } as const
    for (const changed of [
      { foreseen: { keys, sequenceCounter: 8 } },
      { foreseen: { keys: { ...keys, mac: key(8) }, sequenceCounter: 7 } },
      { foreseen: { keys, sequenceCounter: 7 }, aid: aid.slice(0, 7) },
    ]) {
      const card = chip(scp)
      const channel = await open(card, scp, 0x33, changed)
      await assert.rejects(channel.transmitAll(instructions(2)), Unforeseen)
      assert.deepEqual(card.received, [])
    }
  })

  it('is not foreseen where the challenge is random', async () => {
    const scp = { protocol: '03', i: 0x60 } as const
    const card = chip(scp)
    const channel = await open(card, scp, 0x33, { foreseen: { keys, sequenceCounter: 7 } })
    await channel.transmit(instruction(1))
    assert.deepEqual(card.batches, [
      ['SELECT', 'INITIALIZE UPDATE'],
      ['EXTERNAL AUTHENTICATE', 'COMMAND 1'],
    ])
  })
})

describe('one secure channel behind another', () => {
  const scp = { protocol: '03', i: 0x70 } as const
  it('shares a round trip with what concludes the first', async () => {
    const card = chip(scp)
    const first = await open(card, scp, 0x33)
    const second = await open(card, scp, 0x33, { behind: first.conclude(instructions(2)) })
    await second.transmit(instruction(9))
    assert.deepEqual(card.batches, [
      ['SELECT', 'INITIALIZE UPDATE'],
      ['EXTERNAL AUTHENTICATE', 'COMMAND 1', 'COMMAND 2', 'SELECT', 'INITIALIZE UPDATE'],
      ['EXTERNAL AUTHENTICATE', 'COMMAND 9'],
    ])
    await assert.rejects(first.transmit(instruction(3)), /the secure channel is over/)
  })

  it('does not open when the first was refused', async () => {
    const card = chip(scp, { refuse: 2 })
    const first = await open(card, scp, 0x33)
    await assert.rejects(
      open(card, scp, 0x33, { behind: first.conclude(instructions(2)) }),
      refusedWith('card.refused'),
    )
  })
})

describe('secure channel over the agent', () => {
  for (const [scp, level] of channels)
    it(`carries commands ahead and reads the answers, SCP${scp.protocol} i=${scp.i.toString(16)} level ${level.toString(16)}`, async () => {
      const card = chip(scp)
      const channel = await open(card, scp, level, { batchSize: 16 })
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
      assert.deepEqual(
        card.batches.map(({ length }) => length),
        [2, 1 + 16, 16, 8, 1],
      )
      assert.deepEqual(card.batches[0], ['SELECT', 'INITIALIZE UPDATE'])
      assert.equal(card.batches[1]?.[0], 'EXTERNAL AUTHENTICATE', 'goes with the first commands')
    })

  it('encrypts keys under the DEK of the session', async () => {
    const scp = { protocol: '03', i: 0x70 } as const
    const card = chip(scp)
    const { session, transmit } = await open(card, scp, 0x33)
    await transmit(instruction(1))
    assert.ok(card.session)
    assert.deepEqual(decryptData(card.session, wrapSecret(session, key(7))), key(7))
  })

  const scp = { protocol: '03', i: 0x70 } as const

  it('names the command that the card refused, with its status word, and goes on behind it', async () => {
    const channel = await open(chip(scp, { refuse: 3 }), scp, 0x33)
    await assert.rejects(channel.transmitAll(instructions(5)), (error) => {
      assert.ok(error instanceof Refusal && error.cause instanceof StatusWordError)
      assert.match(error.message, /^COMMAND 3: 6A84 There is not enough memory/)
      assert.deepEqual([error.code, error.whose, error.cause.sw], ['card.refused', 'sim', SW.notEnoughMemory])
      return true
    })
    assert.deepEqual(await channel.transmit(instruction(6)), Uint8Array.of(6))
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
