/** What a receiver of SCP80 packets refuses, and its counters. ETSI TS 102 225 §5. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  type CounterPosition,
  type CounterRule,
  counterRules,
  counterTable,
  describeResponseStatus,
  judgeCounter,
  lastCounter,
  type RedundancyCheck,
  type ResponseStatus,
  readCommand,
  responseStatuses,
  SecurityParameters,
  tars,
} from '../index.ts'
import { checkOver } from '../scp80/checks.ts'
import {
  type CommandPacket,
  openCommand,
  openResponse,
  ProofError,
  secureCommand,
  secureResponse,
  wantsProof,
} from '../scp80/index.ts'

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const counter = fc.integer({ min: 0, max: lastCounter })
const spi: SecurityParameters = {
  integrity: 'CC',
  ciphered: true,
  counter: 'higher',
  proof: 'always',
  proofIntegrity: 'CC',
  proofCiphered: true,
  proofBy: 'deliverReport',
}
const aes = { keyVersion: 1, algorithm: 'aes' } as const
const keys = { kic: new Uint8Array(16).fill(1), kid: new Uint8Array(16).fill(2) }
const packetOf = (data: Uint8Array, more: Partial<SecurityParameters> = {}): CommandPacket => ({
  spi: { ...spi, ...more },
  kic: aes,
  kid: aes,
  tar: tars.remoteApplicationManagement,
  counter: 7,
  data,
})
const flipped = (octetsOf: Uint8Array, bit: number) => {
  const changed = octetsOf.slice()
  changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (0x80 >>> (bit & 7))
  return changed
}
/** What a card says of octets: a status, or nothing where no header can be read. */
function statusOf(packet: Uint8Array, own = keys): ResponseStatus | 'no packet' {
  try {
    return openCommand(readCommand(packet), own).status
  } catch (error) {
    if (error instanceof TlvError) return 'no packet'
    throw error
  }
}

describe('SPI', () => {
  it('is read and written in all of its values, and refused with what we do not offer', () => {
    for (let value = 0; value <= 0xffff; value++) {
      const two = Uint8Array.of(value >>> 8, value & 0xff)
      const reserved = (value & 0xe0c0) !== 0
      const signature = (value & 0x0300) === 0x0300 || (value & 0x0c) === 0x0c || (value & 0x03) === 0x03
      if (reserved || signature) assert.throws(() => SecurityParameters.decode(two), TlvError)
      else assert.deepEqual(SecurityParameters.encode(SecurityParameters.decode(two)), two)
    }
  })
})

describe('a command packet', () => {
  it('is refused with any single bit changed', () => {
    for (const ciphered of [true, false]) {
      const packet = secureCommand(packetOf(Uint8Array.of(0, 0xa4, 0, 4, 2, 0x3f, 0), { ciphered }), keys)
      for (let bit = 0; bit < 8 * packet.length; bit++)
        assert.notEqual(statusOf(flipped(packet, bit)), 'ok', `bit ${bit}`)
    }
  })

  it('is refused at any other length', () => {
    const packet = secureCommand(packetOf(new Uint8Array(20)), keys)
    for (let length = 0; length < packet.length; length++)
      assert.equal(statusOf(packet.subarray(0, length)), 'no packet', `${length} octets`)
    assert.equal(statusOf(Uint8Array.of(...packet, 0)), 'no packet')
  })

  it('never does more than be refused, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        assert.notEqual(statusOf(random), 'ok')
        const length = Uint8Array.of(0, random.length, ...random)
        assert.ok(statusOf(length) === 'no packet' || statusOf(length) in responseStatuses)
      }),
    )
  })

  it('is refused with other keys, and with keys of another kind than it names', () => {
    const packet = secureCommand(packetOf(new Uint8Array(9)), keys)
    assert.notEqual(statusOf(packet, { ...keys, kic: new Uint8Array(16).fill(9) }), 'ok')
    assert.equal(statusOf(packet, { ...keys, kid: new Uint8Array(16).fill(9) }), 'integrityFailed')
    assert.equal(statusOf(packet, { ...keys, kic: new Uint8Array(8) }), 'cipheringError')
    assert.equal(statusOf(packet, { ...keys, kid: new Uint8Array(8) }), 'integrityFailed')
    assert.throws(
      () => secureCommand(packetOf(new Uint8Array(9)), { ...keys, kic: new Uint8Array(24).subarray(1) }),
      TypeError,
    )
  })

  it('of single DES, or of a key set that only the card knows, is refused', () => {
    const packet = secureCommand(packetOf(new Uint8Array(9)), keys)
    for (const [place, value] of [
      [5, 0x11],
      [5, 0x10],
      [6, 0x11],
    ] as const) {
      const other = packet.slice()
      other[place] = value
      assert.equal(statusOf(other), 'no packet')
    }
  })

  it('carries every check and every cipher there and back', () => {
    fc.assert(
      fc.property(octets(24), fc.uint8Array({ maxLength: 200 }), counter, (key, data, count) => {
        for (const [algorithm, length] of [
          ['tripleDes2', 16],
          ['tripleDes3', 24],
          ['aes', 16],
        ] as const) {
          const indication = { keyVersion: 3, algorithm }
          const own = { kic: key.slice(0, length), kid: key.slice(0, length) }
          const packet = { ...packetOf(data), kic: indication, kid: indication, counter: count }
          const opened = openCommand(readCommand(secureCommand(packet, own)), own)
          assert.deepEqual(opened, { status: 'ok', counter: count, data })
        }
      }),
      { numRuns: 100 },
    )
  })

  it('has the redundancy checks that TS 102 225 §5.1.3.2 shows for 01 02 03 04 05', () => {
    const check = (algorithm: RedundancyCheck) =>
      checkOver('RC', { keyVersion: 0, algorithm }, {}, Uint8Array.of(1, 2, 3, 4, 5))
        ?.toHex()
        .toUpperCase()
    assert.deepEqual([check('crc16'), check('crc32')], ['22EC', '470B99F4'])
    for (const algorithm of ['crc16', 'crc32'] as const) {
      const clear = packetOf(new Uint8Array(5), { integrity: 'RC', proofIntegrity: 'RC', ciphered: false })
      assert.equal(statusOf(secureCommand({ ...clear, kid: { keyVersion: 1, algorithm } }, {})), 'ok')
    }
  })
})

describe('a counter', () => {
  const positions: readonly (readonly [CounterPosition, number])[] = [
    ['lower', 4],
    ['same', 5],
    ['next', 6],
    ['further', 9],
  ]
  const moves = (rule: CounterRule) => rule === 'higher' || rule === 'oneHigher'

  for (const rule of Object.keys(counterRules) as CounterRule[])
    for (const [position, received] of positions)
      it(`${rule}, ${position}: ${counterTable[rule][position]}`, () => {
        const status = counterTable[rule][position]
        const kept = moves(rule) && status === 'ok' ? received : 5
        assert.deepEqual(judgeCounter(rule, received, 5, true), { status, counter: kept })
        assert.deepEqual(judgeCounter(rule, received, 5, false), { status, counter: 5 })
        assert.notEqual(describeResponseStatus(status), '')
      })

  it('takes no packet twice, and under “one higher” none out of order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('higher', 'oneHigher'),
        fc.array(fc.integer({ min: 0, max: 12 })),
        (rule, received) => {
          const taken: number[] = []
          let last = 0
          for (const one of received) {
            const judged = judgeCounter(rule, one, last, true)
            if (judged.status === 'ok') taken.push(one)
            last = judged.counter
          }
          assert.deepEqual(
            taken,
            [...new Set(taken)].sort((a, b) => a - b),
          )
          if (rule === 'oneHigher')
            assert.deepEqual(
              taken,
              taken.map((_, at) => at + 1),
            )
        },
      ),
    )
  })

  it('at its end is blocked for good', () => {
    for (const rule of ['higher', 'oneHigher'] as const)
      for (const received of [0, lastCounter, lastCounter - 1])
        assert.deepEqual(judgeCounter(rule, received, lastCounter, true), {
          status: 'counterBlocked',
          counter: lastCounter,
        })
    assert.throws(() => secureCommand({ ...packetOf(new Uint8Array()), counter: lastCounter + 1 }, keys), TlvError)
  })
})

describe('a proof of receipt', () => {
  const command = packetOf(new Uint8Array(7))
  const response = { status: 'ok', counter: 7, data: Uint8Array.of(1, 0x90, 0) } as const
  const failureOf = (packet: Uint8Array, asked = command) => {
    try {
      return openResponse(packet, asked, keys).status
    } catch (error) {
      if (error instanceof ProofError) return error.failure
      throw error
    }
  }

  it('is made when it was asked for', () => {
    const wanted = (proof: SecurityParameters['proof'], status: ResponseStatus) => wantsProof({ ...spi, proof }, status)
    assert.deepEqual(
      (['never', 'always', 'onError'] as const).map((proof) => [wanted(proof, 'ok'), wanted(proof, 'counterLow')]),
      [
        [false, false],
        [true, true],
        [false, true],
      ],
    )
  })

  it('proves nothing with any single bit changed', () => {
    for (const proofCiphered of [true, false]) {
      const asked = packetOf(new Uint8Array(7), { proofCiphered })
      const packet = secureResponse(asked, response, keys)
      for (let bit = 0; bit < 8 * packet.length; bit++)
        assert.notEqual(failureOf(flipped(packet, bit), asked), 'ok', `bit ${bit}`)
    }
  })

  it('is of one command: another counter, another application, other keys are refused', () => {
    const packet = secureResponse(command, response, keys)
    assert.equal(failureOf(packet), 'ok')
    assert.equal(failureOf(packet, { ...command, counter: 8 }), 'another-command')
    const old = secureResponse(command, { ...response, status: 'counterLow' }, keys)
    assert.equal(failureOf(old, { ...command, counter: 8 }), 'another-command')
    // A card that could not open the packet does not know its counter.
    const garbled = secureResponse(command, { ...response, status: 'integrityFailed', counter: 99 }, keys)
    assert.equal(failureOf(garbled), 'integrityFailed')
    assert.equal(failureOf(packet, { ...command, tar: tars.issuerSecurityDomain }), 'another-command')
    const others = { ...keys, kid: new Uint8Array(16) }
    assert.throws(() => openResponse(packet, command, others), ProofError)
  })

  it('of a success is worth nothing without the security that was asked for; of an error it is a hint', () => {
    assert.equal(
      failureOf(secureResponse(command, { ...response, status: 'tarUnknown', data: new Uint8Array() }, undefined)),
      'tarUnknown',
    )
    const plain = packetOf(new Uint8Array(7), { proofIntegrity: 'none', proofCiphered: false })
    assert.equal(failureOf(secureResponse(plain, response, keys)), 'unsecured')
    assert.equal(openResponse(secureResponse(plain, response, keys), plain, keys).secured, true)
    const hint = openResponse(secureResponse(command, { ...response, status: 'counterLow' }, undefined), command, keys)
    assert.deepEqual([hint.status, hint.secured], ['counterLow', false])
    assert.throws(() => secureResponse(command, response, undefined), TypeError)
  })

  it('never does more than be refused, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        assert.notEqual(failureOf(random), 'ok')
        assert.notEqual(failureOf(Uint8Array.of(0, random.length, ...random)), 'ok')
      }),
    )
  })
})
