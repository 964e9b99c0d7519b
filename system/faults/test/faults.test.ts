/** A few of the faults of `./jpki faults`: one in each act, which then comes to its end; by command there are as many as messages. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../stories/stage/town.ts'
import type { Act } from '../acts.ts'
import { killFaults } from '../mortals.ts'
import { powerFaults } from '../power.ts'
import { type Fault, type FaultSettings, tryFaults } from '../run.ts'
import { shortMessageFaults } from '../short-messages.ts'
import { openStage, type StageSettings } from '../stage.ts'
import { messageFaults } from '../weather.ts'

async function tried(
  town: Pick<StageSettings, 'bearer' | 'isMortal'>,
  settings: Pick<FaultSettings, 'wanted' | 'faults' | 'share'>,
) {
  const data = await temporaryFolder()
  try {
    await using stage = await openStage({ data, ...town, progress: () => undefined })
    return await tryFaults(stage, { ...settings, seed: 20160328, progress: () => undefined })
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

interface Part extends Pick<StageSettings, 'bearer' | 'isMortal'> {
  readonly what: string
  readonly simType: string
  readonly keyGeneration: 'central' | 'on-card'
  readonly act: Act
  readonly share: number
  readonly faults: readonly Fault[]
}

const usual = { bearer: 'agent', isMortal: false, keyGeneration: 'central', act: 'download', share: 0.004 } as const
const parts: readonly Part[] = [
  {
    ...usual,
    what: 'messages lost, doubled, overtaken, and power that goes',
    simType: 'a-uicc-2016',
    faults: [...messageFaults, ...powerFaults],
  },
  {
    ...usual,
    what: 'the same where SP-TSM manages content by tokens',
    simType: 'b-uicc-2015',
    keyGeneration: 'on-card',
    faults: [...messageFaults, ...powerFaults],
  },
  {
    ...usual,
    what: 'short messages lost, doubled, overtaken',
    bearer: 'scp80',
    simType: 'c-uicc-2014',
    share: 0.002,
    faults: shortMessageFaults,
  },
  {
    ...usual,
    what: 'a new PIN',
    act: 'PIN reset',
    simType: 'a-uicc-2016',
    share: 0.012,
    faults: [...messageFaults, ...powerFaults],
  },
  {
    ...usual,
    what: 'a disposal',
    act: 'disposal',
    simType: 'b-uicc-2013',
    share: 0.012,
    faults: [...messageFaults, ...powerFaults],
  },
  {
    ...usual,
    what: 'a server that is killed',
    isMortal: true,
    simType: 'a-uicc-2016',
    share: 0.009,
    faults: killFaults,
  },
]

describe('a download or life event with a fault comes to its end, and leaves nothing behind', {
  timeout: 600_000,
}, () => {
  for (const { what, bearer, isMortal, simType, keyGeneration, act, share, faults } of parts)
    it(what, async () => {
      const { trials } = await tried({ bearer, isMortal }, { wanted: [{ simType, keyGeneration, act }], faults, share })
      assert.ok(trials.length > 0)
      assert.deepEqual(
        trials.filter(({ flaws }) => flaws.length > 0),
        [],
      )
    })
})
