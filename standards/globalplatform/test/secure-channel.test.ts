/** SCP02 and SCP03: host and card agree, and agree on nothing else. GPCS v2.3.1 annex E, Amendment D. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CommandApdu, parseCommandApdu, SW } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  acceptCommand,
  cutPutKey,
  decryptData,
  encryptData,
  externalAuthenticate,
  initializeUpdate,
  joinPutKey,
  levelsOf,
  openHostSession,
  parseInitializeUpdateResponse,
  protectResponse,
  type Scp,
  SecureChannelError,
  type SecureChannelFailure,
  type SecurityLevel,
  SessionState,
  unwrap,
  wrap,
} from '../index.ts'

const scps: readonly Scp[] = [
  ...([0x15, 0x35, 0x55, 0x75] as const).map((i) => ({ protocol: '02', i }) as const),
  ...[0x00, 0x10, 0x20, 0x60, 0x70, 0x01, 0x61, 0x71].map((i) => ({ protocol: '03', i }) as const),
]
const nameOf = ({ protocol, i }: Scp) => `SCP${protocol} i=${i.toString(16).padStart(2, '0')}`
const isS16 = ({ protocol, i }: Scp) => protocol === '03' && (i & 1) === 1
const fill = (length: number, value: number) => new Uint8Array(length).fill(value)
const aid = Uint8Array.fromHex('A000000151000000')

function open(scp: Scp, level: SecurityLevel, keyLength = 16, seed = 1) {
  const keys = { enc: fill(keyLength, seed), mac: fill(keyLength, seed + 1), dek: fill(keyLength, seed + 2) }
  const hostChallenge = fill(isS16(scp) ? 16 : 8, seed + 3)
  const card = initializeUpdate({
    scp,
    keys,
    keyVersion: 0x30,
    keyDiversificationData: fill(10, 7),
    sequenceCounter: 0x0102,
    aid,
    hostChallenge,
    random: fill(isS16(scp) ? 16 : scp.protocol === '02' ? 6 : 8, seed + 4),
  })
  const opening = { scp, keys, hostChallenge, initializeUpdateResponse: card.response, securityLevel: level, aid }
  const host = openHostSession(opening)
  return { card, host, opening }
}

function established(scp: Scp, level: SecurityLevel, keyLength = 16, seed = 1) {
  const { card, host } = open(scp, level, keyLength, seed)
  const opened = externalAuthenticate(card.next, host.externalAuthenticate)
  assert.ok(opened.accepted, opened.accepted ? '' : opened.reason)
  return { host: host.session, card: opened.next }
}

const aCommand: fc.Arbitrary<CommandApdu> = fc.record(
  {
    cla: fc.constantFrom(0x80, 0x00, 0x83, 0xc1),
    ins: fc.constantFrom(0xe2, 0xf2, 0xca),
    p1: fc.nat(255),
    p2: fc.nat(255),
    data: fc.oneof(
      fc.uint8Array({ maxLength: 32 }),
      fc.constantFrom(0, 1, 239, 247, 255, 700).map((n) => fill(n, 0x80)),
    ),
    le: fc.constantFrom(1, 256),
  },
  { requiredKeys: ['cla', 'ins', 'p1', 'p2', 'data'], noNullPrototype: true },
)
const anAnswer = fc.record(
  { data: fc.uint8Array({ maxLength: 240 }), sw: fc.constantFrom(0x9000, 0x6310, 0x6283, 0x6a88) },
  { noNullPrototype: true },
)

describe('host and card', () => {
  for (const scp of scps)
    for (const level of levelsOf(scp))
      it(`${nameOf(scp)}, level ${level.toString(16).padStart(2, '0')}: agree on every command and answer`, () =>
        fc.assert(
          fc.property(
            fc.constantFrom(...(scp.protocol === '02' ? [16] : [16, 24, 32])),
            fc.nat(240),
            fc.array(fc.tuple(aCommand, anAnswer), { minLength: 1, maxLength: 4 }),
            (keyLength, seed, exchange) => {
              let { host, card } = established(scp, level, keyLength, seed)
              for (const [command, answer] of exchange) {
                const sent = wrap(host, command)
                const heard = acceptCommand(card, sent.apdu)
                assert.ok(heard.accepted)
                assert.deepEqual(heard.apdu, command)
                const carries = scp.protocol === '02' || answer.sw !== 0x6a88
                const plain = carries ? answer : { ...answer, data: new Uint8Array() }
                const said = protectResponse(heard.next, plain)
                const received = unwrap(sent.next, said.response)
                assert.deepEqual(received.response, plain)
                host = received.next
                card = said.next
                assert.deepEqual(host, card)
              }
              assert.deepEqual(SessionState.decode(SessionState.encode(host)), host)
              const secret = fill(16, seed)
              assert.deepEqual(decryptData(card, encryptData(host, secret)), secret)
            },
          ),
          { numRuns: 8 },
        ))
})

describe('a card', () => {
  const plain = parseCommandApdu(Uint8Array.fromHex('80E400800A4F08A00100015141434C00'))
  const flipped = (apdu: CommandApdu, bit: number) => {
    const data = apdu.data.slice()
    data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return { ...apdu, data }
  }

  for (const scp of scps) {
    const level = levelsOf(scp).at(-1) ?? 0x03
    it(`${nameOf(scp)}: refuses EXTERNAL AUTHENTICATE with any single bit changed`, () => {
      const { card, host } = open(scp, level)
      const { data } = host.externalAuthenticate
      for (let bit = 0; bit < data.length * 8; bit++) {
        const step = externalAuthenticate(card.next, flipped(host.externalAuthenticate, bit))
        const sw = bit < data.length * 4 ? SW.authenticationFailed : SW.securityStatusNotSatisfied
        assert.ok(!step.accepted && step.sw === sw)
      }
      for (const change of [
        { p1: 0x01 },
        { p1: 0x02 },
        { p1: 0x80 },
        { p2: 0x01 },
        { cla: 0x80 },
        { data: data.slice(1) },
      ])
        assert.ok(!externalAuthenticate(card.next, { ...host.externalAuthenticate, ...change }).accepted)
    })

    it(`${nameOf(scp)}: refuses a command with any single bit changed, replayed, out of order or bare`, () => {
      const { card, host } = established(scp, level)
      const first = wrap(host, plain)
      const second = wrap(first.next, plain)
      for (let bit = 0; bit < first.apdu.data.length * 8; bit++)
        assert.ok(!acceptCommand(card, flipped(first.apdu, bit)).accepted)
      for (const change of [{ ins: 0xe6 }, { p1: 1 }, { p2: 0 }, { cla: 0x80 }, { data: first.apdu.data.slice(0, 4) }])
        assert.ok(!acceptCommand(card, { ...first.apdu, ...change }).accepted)
      assert.ok(!acceptCommand(card, second.apdu).accepted)
      const heard = acceptCommand(card, first.apdu)
      assert.ok(heard.accepted)
      assert.ok(!acceptCommand(heard.next, first.apdu).accepted)
      assert.ok(!acceptCommand(heard.next, plain).accepted)
      assert.ok(acceptCommand(heard.next, second.apdu).accepted)
    })
  }

  it('does not hear secured commands in a session without secure messaging', () => {
    const { card } = established({ protocol: '03', i: 0x70 }, 0x00)
    assert.ok(acceptCommand(card, plain).accepted)
    assert.ok(!acceptCommand(card, { ...plain, cla: 0x84 }).accepted)
  })

  it('answers any octets with a step, never with an accident', () =>
    fc.assert(
      fc.property(fc.constantFrom(...scps), fc.uint8Array({ maxLength: 60 }), (scp, data) => {
        const { card } = established(scp, levelsOf(scp).at(-1) ?? 0x03)
        const step = acceptCommand(card, { cla: 0x84, ins: 0xe2, p1: 0, p2: 0, data })
        assert.ok(!step.accepted)
      }),
    ))
})

describe('a host', () => {
  const fails = (run: () => unknown, code: SecureChannelFailure) =>
    assert.throws(run, (error) => error instanceof SecureChannelError && error.code === code)

  for (const scp of scps) {
    it(`${nameOf(scp)}: refuses a card with other keys, another challenge or a changed cryptogram`, () => {
      const { opening } = open(scp, 0x01)
      const { initializeUpdateResponse: answer } = opening
      fails(
        () => openHostSession({ ...opening, keys: { ...opening.keys, enc: fill(16, 9), mac: fill(16, 9) } }),
        'card-cryptogram',
      )
      for (let at = scp.protocol === '02' ? 12 : 13; at < answer.length - (scp.i & 0x10 ? 3 : 0); at++) {
        const changed = answer.slice()
        changed[at] = (changed[at] ?? 0) ^ 0x01
        fails(() => openHostSession({ ...opening, initializeUpdateResponse: changed }), 'card-cryptogram')
      }
      fails(() => openHostSession({ ...opening, initializeUpdateResponse: answer.slice(1) }), 'malformed')
    })
    if ((scp.i & (scp.protocol === '02' ? 0x40 : 0x10)) !== 0)
      it(`${nameOf(scp)}: refuses a card challenge that is not the pseudo-random one`, () =>
        fails(() => openHostSession({ ...open(scp, 0x01).opening, aid: fill(8, 1) }), 'card-challenge'))

    if ((scp.i & 0x20) !== 0)
      it(`${nameOf(scp)}: refuses an answer with any single bit changed, or without its R-MAC`, () => {
        const { card, host } = established(scp, levelsOf(scp).at(-1) ?? 0x11)
        const sent = wrap(host, { cla: 0x80, ins: 0xca, p1: 0, p2: 0x66, data: new Uint8Array(), le: 256 })
        const heard = acceptCommand(card, sent.apdu)
        assert.ok(heard.accepted)
        const { response } = protectResponse(heard.next, { data: fill(5, 5), sw: 0x9000 })
        for (let bit = 0; bit < response.data.length * 8; bit++) {
          const data = response.data.slice()
          data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          fails(() => unwrap(sent.next, { ...response, data }), 'response-mac')
        }
        fails(() => unwrap(sent.next, { ...response, sw: 0x6310 }), 'response-mac')
        fails(() => unwrap(sent.next, { data: new Uint8Array(), sw: 0x9000 }), 'response-mac')
      })
  }

  it('refuses another protocol, and a level that is not offered', () => {
    const { opening } = open({ protocol: '03', i: 0x10 }, 0x01)
    fails(() => openHostSession({ ...opening, scp: { protocol: '02', i: 0x15 } }), 'wrong-protocol')
    fails(() => openHostSession({ ...opening, scp: { protocol: '03', i: 0x70 } }), 'wrong-protocol')
    fails(() => openHostSession({ ...opening, securityLevel: 0x33 }), 'level-not-offered')
  })

  it('reads any octets as an answer or refuses them', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (random) => {
        try {
          parseInitializeUpdateResponse(random)
        } catch (error) {
          assert.ok(error instanceof SecureChannelError)
        }
        try {
          SessionState.decode(random)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
    ))
})

describe('a long PUT KEY', () => {
  it('is protected once, cut, joined and opened', () => {
    for (const scp of [{ protocol: '03', i: 0x70 } as const, { protocol: '02', i: 0x15 } as const])
      for (const length of [10, 247, 248, 255, 256, 600]) {
        const { host, card } = established(scp, 0x03)
        const command = { cla: 0x80, ins: 0xd8, p1: 0x00, p2: 0x81, data: fill(length, 1), le: 256 }
        const pieces = cutPutKey(wrap(host, command).apdu)
        let joined: CommandApdu | undefined
        for (const [at, piece] of pieces.entries()) {
          assert.ok(piece.data.length <= 255)
          const step = joinPutKey(joined, piece)
          assert.equal(step.complete, at === pieces.length - 1)
          joined = step.apdu
        }
        assert.ok(joined !== undefined)
        const heard = acceptCommand(card, joined)
        assert.ok(heard.accepted)
        assert.deepEqual(heard.apdu, command)
      }
  })

  it('is not joined without end', () => {
    const piece = { cla: 0x84, ins: 0xd8, p1: 0x80, p2: 0x01, data: fill(255, 0) }
    assert.throws(
      () =>
        Array.from({ length: 20 }).reduce<CommandApdu | undefined>(
          (joined) => joinPutKey(joined, piece).apdu,
          undefined,
        ),
      { name: 'ApduError', sw: SW.wrongLength },
    )
  })
})
