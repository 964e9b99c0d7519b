/** Random and mutated commands: every one has an answer, and none changes the card without a session. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SetContactlessState } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu, parseCommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { aids } from '../contract.ts'
import { describeCard, manufacture, openSim } from '../index.ts'
import { createDomain, installCounter, loadBlocks, personalize, remove, setState, storeData } from './commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  manufactured,
  program,
} from './host.ts'

/** mulberry32: the same numbers for the same seed, everywhere. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const seed = Number(process.env['SIM_FUZZ_SEED'] ?? 20161)
const rounds = Number(process.env['SIM_FUZZ_ROUNDS'] ?? 2000)

const known = [
  createDomain(),
  installCounter(),
  ...loadBlocks(program(counterScript)),
  personalize(instanceAid),
  remove(domainAid),
  setState(domainAid, 0x83),
  storeData(bytes('0E0103AABBCC')),
  storeData(bytes('F012E210E1094F05A000000001C100E303D00101'), { structure: 'ber-tlv' }),
  personalize(bytes(aids.accessRules)),
  SetContactlessState.toApdu({ p2: 'activated', data: { aid: instanceAid } }),
  ...['00A4040410A0000000871002FF81FFFF8907090000', '00A40004026F7E', '00D6000002AABB', '00B0870009', '00B2010C04']
    .concat('0020000108FFFFFFFFFFFFFFFF', '00A4040009A00000015141434C00', '80CAFF4000', '80CAFF5009E1074F05A000000000')
    .map((octets) => parseCommandApdu(bytes(octets))),
].map(encodeCommandApdu)

function mutate(chance: () => number): Uint8Array {
  const pick = (size: number) => Math.floor(chance() * size)
  if (chance() < 0.2) return Uint8Array.from({ length: pick(300) }, () => pick(256))
  const octets = [...(known[pick(known.length)] ?? [])]
  for (let count = 1 + pick(4); count > 0; count--) {
    const at = chance() < 0.5 ? pick(6) : pick(octets.length)
    if (chance() < 0.8) octets[at] = pick(256)
    else if (chance() < 0.5) octets.splice(at, 1 + pick(3))
    else octets.splice(at, 0, pick(256))
  }
  const cla = [0x00, 0x80, 0x84, 0x01][pick(8)]
  if (cla !== undefined) octets[0] = cla
  return Uint8Array.from(octets)
}

function freshCard() {
  const nvm = memoryNvm()
  manufacture(nvm, { ...manufactured, accessRules: [] })
  return { nvm, card: openSim({ nvm, timeLimit: 500 }) }
}

describe(`${rounds} mutated commands, seed ${seed} (SIM_FUZZ_SEED, SIM_FUZZ_ROUNDS)`, () => {
  it('in the clear are all answered, and change nothing', async () => {
    const chance = numbers(seed)
    const { nvm, card } = freshCard()
    const before = JSON.stringify(describeCard(nvm))
    for (let round = 0; round < rounds; round++) {
      const command = mutate(chance)
      const answer = await card.transmit(command)
      const words = `${command.toHex()} → ${answer.toHex()}`
      assert.ok(answer.length >= 2 && answer.length <= 258, words)
      assert.notEqual(card.lastRefusal()?.rule, 'card.fault', words)
    }
    assert.equal(JSON.stringify(describeCard(nvm)), before)
  })

  it('inside a session are all answered, without a fault of the card', async () => {
    const chance = numbers(seed + 1)
    const { card } = freshCard()
    const host = new Host(card)
    await host.open(issuerAid, issuerKeys, 0x01)
    for (let round = 0; round < rounds / 4; round++) {
      const [cla = 0x80, ins = 0, p1 = 0, p2 = 0, , ...data] = mutate(chance)
      const plain = { cla: cla & 0x80, ins, p1, p2, data: Uint8Array.from(data.slice(0, 200)) }
      if ((await host.send(plain)).sw === 0x6982) await host.open(issuerAid, issuerKeys, 0x01)
      assert.notEqual(card.lastRefusal()?.rule, 'card.fault', `${JSON.stringify(plain)}`)
    }
  })
})
