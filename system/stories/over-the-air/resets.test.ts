/** Power fails at every single APDU of an administration session, before the card has it or after: the session comes to its end all the same. GPC Amendment B §3.6. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Card, encodeCommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { SessionTrigger } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { openSim } from '@mobile-jpki/sim'
import { administrationKeys, radioWith } from './bench.ts'
import { scriptedServer } from './node-server.ts'
import { getManager, keepManager, newSim, parametersTo, script } from './sim.ts'

const answers = {
  '/begin': { commands: script(keepManager('A')), nextUri: '/second' },
  '/second': { commands: script(keepManager('B')), nextUri: '/third' },
} as const

interface Cut {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** How many APDUs it took, and what the card then holds. */
async function session(
  cut?: Cut,
): Promise<{ readonly apdus: number; readonly manager: string; readonly resumed: boolean }> {
  const image = new Map<string, Uint8Array>()
  newSim(image)
  let sim = openSim({ nvm: memoryNvm({ image }) })
  let apdus = 0
  let hasFailed = false
  const failing: Card = {
    reset: () => sim.reset(),
    transmit: async (command) => {
      // Polling goes on for ever, and is no part of the session.
      const counts = command[1] !== 0xf2
      if (counts) apdus += 1
      if (!counts || hasFailed || apdus !== cut?.at) return sim.transmit(command)
      hasFailed = true
      if (cut.when === 'after') await sim.transmit(command)
      // All that was in RAM is gone, and the phone notices that the card was switched on anew.
      sim = openSim({ nvm: memoryNvm({ image }) })
      void radio.slot.shared.reset()
      throw new Refusal('card.absent')
    },
  }
  const server = await scriptedServer({ psk: administrationKeys.psk, answers })
  const radio = await radioWith(failing)
  await radio.send(SessionTrigger.encode({ session: parametersTo(server.port, 3) }), 1)
  await server.ended
  hasFailed = true
  const taken = apdus
  const manager = (await radio.slot.shared.transmit(encodeCommandApdu(getManager))).toHex()
  await radio.stop()
  await server.stop()
  return { apdus: taken, manager, resumed: server.requests.some(({ resume }) => resume) }
}

describe('power that fails in an administration session', () => {
  for (const when of ['before', 'after'] as const)
    it(`${when} any of its APDUs lets it come to its end`, async () => {
      const { apdus } = await session()
      let resumed = 0
      for (let at = 2; at <= apdus; at++) {
        const after = await session({ at, when })
        assert.equal(after.manager, '5f5001429000', `cut at ${at}`)
        if (after.resumed) resumed += 1
      }
      assert.ok(resumed > apdus / 3, `${resumed} of ${apdus}`)
    })
})
