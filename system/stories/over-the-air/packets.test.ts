/** Secured packets of SCP80 in both directions between ours and a stranger's program on primitives of its own. ETSI TS 102 225. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type CommandHeader, readCommand, responseStatuses, type SecurityParameters } from '@mobile-jpki/ota'
import {
  type CommandPacket,
  type OtaKeys,
  openCommand,
  openResponse,
  secureCommand,
  secureResponse,
} from '@mobile-jpki/ota/scp80'
import fc from 'fast-check'
import { needs } from '../../../test/needs.ts'

const hex = (octets: Uint8Array) => octets.toHex()
const bytes = (text: string) => Uint8Array.fromHex(text)

/** All tasks go to one run of the program. */
function stranger(tasks: readonly object[]): readonly unknown[] {
  const program = join(import.meta.dirname, '..', 'off-card', 'packets.py')
  const { status, stdout, stderr } = spawnSync('python3', ['-B', program], {
    input: JSON.stringify(tasks),
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const keyKinds = fc.constantFrom(
  ...([
    ['tripleDes2', 16],
    ['tripleDes3', 24],
    ['aes', 16],
    ['aes', 24],
    ['aes', 32],
  ] as const),
)
const keyVersion = fc.integer({ min: 1, max: 15 })

/** A packet of any security with keys that fit it. Command and proof share KID, hence a check of one kind. */
const exchange = fc
  .record({
    check: fc.constantFrom('RC', 'CC'),
    own: fc.boolean(),
    proofs: fc.boolean(),
    ciphered: fc.boolean(),
    proofCiphered: fc.boolean(),
    counter: fc.constantFrom('none', 'available', 'higher', 'oneHigher'),
    crc: fc.constantFrom('crc16', 'crc32'),
    cipher: keyKinds,
    checksum: keyKinds,
    version: keyVersion,
    tar: octets(3),
    count: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    data: fc.uint8Array({ maxLength: 100 }),
    answer: fc.uint8Array({ maxLength: 100 }),
    status: fc.constantFrom('ok', 'moreTime', 'insufficientMemory'),
    material: octets(64),
  })
  .map((one) => {
    const spi: SecurityParameters = {
      integrity: one.own ? one.check : 'none',
      ciphered: one.ciphered,
      counter: one.counter,
      proof: 'always',
      proofIntegrity: one.proofs ? one.check : 'none',
      proofCiphered: one.proofCiphered,
      proofBy: 'deliverReport',
    }
    const keys = { kic: one.material.slice(0, one.cipher[1]), kid: one.material.slice(32, 32 + one.checksum[1]) }
    const needsKic = one.ciphered || one.proofCiphered
    const needsKid = one.own || one.proofs
    const packet: CommandPacket = {
      spi,
      ...(needsKic && { kic: { keyVersion: one.version, algorithm: one.cipher[0] } }),
      ...(needsKid && {
        kid: { keyVersion: one.version, algorithm: one.check === 'RC' ? one.crc : one.checksum[0] },
      }),
      tar: one.tar,
      counter: one.count,
      data: one.data,
    }
    return { packet, keys, answer: one.answer, status: one.status }
  })

const exchanges = fc.sample(exchange, { numRuns: 150, seed: 102225 })
const header = ({ spi, kic, kid, tar }: CommandPacket): CommandHeader => ({
  spi,
  ...(kic !== undefined && { kic }),
  ...(kid !== undefined && { kid }),
  tar,
})
const hexKeys = ({ kic, kid }: Required<OtaKeys>) => ({ kic: hex(kic), kid: hex(kid) })

describe('a stranger and SCP80', { skip: needs('python3') }, () => {
  const ours = exchanges.map(({ packet, keys }) => secureCommand(packet, keys))
  /** SPI, KIc and KID as they stand in the packet: the stranger builds the rest. */
  const fields = (packet: Uint8Array) => ({
    spi: hex(packet.subarray(3, 5)),
    kic: hex(packet.subarray(5, 6)),
    kid: hex(packet.subarray(6, 7)),
    tar: hex(packet.subarray(7, 10)),
  })

  it('writes the command packets that we write', () => {
    const tasks = exchanges.map(({ packet: { counter, data }, keys }, at) => {
      const written = ours[at] ?? new Uint8Array()
      return { do: 'command', ...fields(written), counter, data: hex(data), keys: hexKeys(keys) }
    })
    assert.deepEqual(stranger(tasks), ours.map(hex))
  })

  it('opens ours, and we open its proofs', () => {
    const opened = stranger(
      exchanges.map(({ keys }, at) => ({ do: 'open', packet: hex(ours[at] ?? bytes('')), keys: hexKeys(keys) })),
    )
    assert.deepEqual(
      opened,
      exchanges.map(({ packet: { tar, counter, data } }) => ({
        status: '00',
        tar: hex(tar),
        counter,
        data: hex(data),
      })),
    )
    const proofs = stranger(
      exchanges.map(({ keys, status, answer }, at) => ({
        do: 'response',
        packet: hex(ours[at] ?? bytes('')),
        status: responseStatuses[status].toString(16).padStart(2, '0'),
        data: hex(answer),
        keys: hexKeys(keys),
      })),
    )
    for (const [at, { packet, keys, status, answer }] of exchanges.entries())
      assert.deepEqual(openResponse(bytes(String(proofs[at])), packet, keys), {
        status,
        counter: packet.counter,
        data: answer,
        secured: true,
      })
  })

  it('opens our proofs', () => {
    const tasks = exchanges.map(({ packet, keys, status, answer }, at) => ({
      do: 'proof',
      command: hex(ours[at] ?? bytes('')),
      packet: hex(secureResponse(header(packet), { status, counter: packet.counter, data: answer }, keys)),
      keys: hexKeys(keys),
    }))
    assert.deepEqual(
      stranger(tasks),
      exchanges.map(({ packet: { tar, counter }, status, answer }) => ({
        status: responseStatuses[status].toString(16).padStart(2, '0').toUpperCase(),
        tar: hex(tar),
        counter,
        data: hex(answer),
      })),
    )
  })

  it('refuses what we refuse: any octet of a packet changed', () => {
    const checked = exchanges.filter(({ packet: { spi } }) => spi.integrity !== 'none')
    const spoilt = checked.map(({ packet, keys }, at) => {
      const written = secureCommand(packet, keys)
      // Not in SPI, KIc and KID: they say how the packet is to be read, and what is left of it may hold by chance.
      const place = 7 + ((at * 13) % (written.length - 7))
      written[place] = (written[place] ?? 0) ^ 0x40
      return { written, keys }
    })
    const theirs = stranger(
      spoilt.map(({ written, keys }) => ({ do: 'open', packet: hex(written), keys: hexKeys(keys) })),
    )
    for (const [at, { written, keys }] of spoilt.entries()) {
      const { status } = openCommand(readCommand(written), keys)
      assert.equal(responseStatuses[status].toString(16).padStart(2, '0'), (theirs[at] as { status: string }).status)
      assert.notEqual(status, 'ok')
    }
  })
})
