/** ./jpki sim fuzz in short: SIMs of every type hold; and a card that does not is found out, by few commands. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSim } from '@mobile-jpki/sim'
import { simTypes } from '../carriers/carriers.ts'
import { type Base, makeBase } from '../sim/fuzz/base.ts'
import { chanceOf } from '../sim/fuzz/chance.ts'
import { failureLines } from '../sim/fuzz/print.ts'
import { fuzz } from '../sim/fuzz/run.ts'
import type { OpenCard } from '../sim/fuzz/world.ts'

const seed = 20161
const count = 500

const baseOf = (name: string): Promise<Base> => {
  const simType = simTypes.find((one) => one.name === name)
  assert.ok(simType)
  return makeBase(simType, chanceOf(seed).octets)
}

describe(`${count} random and mutated commands to a SIM of each type, seed ${seed}`, () => {
  for (const { name } of simTypes)
    it(`${name} answers all, says no secret and changes under authority only`, async () => {
      const { totals, failure } = await fuzz({ seed, count, base: await baseOf(name) })
      if (failure !== undefined) assert.fail(failureLines(name, seed, failure).join('\n'))
      assert.ok(totals.commands >= count)
      assert.ok(totals.opened > 0, 'no secure channel was opened')
      assert.ok((totals.statusWords.get(0x9000) ?? 0) > 0, 'nothing was accepted')
    })

  it('is the same run for the same seed', async () => {
    const base = await baseOf('a-uicc-2016')
    const [one, other] = [await fuzz({ seed, count, base }), await fuzz({ seed, count, base })]
    assert.deepEqual([...one.totals.statusWords], [...other.totals.statusWords])
  })
})

describe('a card that does what it may not', async () => {
  const base = await baseOf('a-uicc-2016')
  type Broken = (command: Uint8Array, answer: Uint8Array, memory: Parameters<OpenCard>[0]) => Uint8Array
  const faults: Readonly<Record<string, readonly [kind: string, mostActions: number, broken: Broken]>> = {
    'tells a key in GET DATA': [
      'secret',
      2,
      ([, ins], answer) =>
        ins === 0xca && answer.length > 2 ? Uint8Array.of(...(base.secrets[1] ?? []), 0x90, 0x00) : answer,
    ],
    'changes its number on the wrong DELETE': [
      'change',
      2,
      ([cla, ins], answer, { nvm }) => {
        if (cla === 0x80 && ins === 0xe4) {
          nvm.set('card/iccid', new Uint8Array(10))
          nvm.commit()
        }
        return answer
      },
    ],
    'throws on MANAGE CHANNEL': [
      'exception',
      2,
      ([, ins], answer) => {
        if (ins === 0x70) throw new Error('on purpose')
        return answer
      },
    ],
    'answers one octet': ['answer', 2, ([, ins], answer) => (ins === 0xb0 ? answer.subarray(0, 1) : answer)],
  }
  for (const [fault, [kind, mostActions, broken]] of Object.entries(faults))
    it(`${fault}: found, and shown by ${mostActions} actions at most`, async () => {
      const openCard: OpenCard = (memory) => {
        const card = openSim({ ...memory })
        return { ...card, transmit: async (command) => broken(command, await card.transmit(command), memory) }
      }
      const { failure } = await fuzz({ seed, count: 3000, base, openCard })
      assert.equal(failure?.kind, kind)
      assert.ok(failure.actions.length <= mostActions, failureLines('broken', seed, failure).join('\n'))
      assert.ok(failure.passed.length > 0)
    })
})
