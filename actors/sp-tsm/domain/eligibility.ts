/** What a person may know before applying: the carrier says it, and we say it on. Study items (1)①, (1)②. */
import type { ReplyOf, RequestOf } from '@mobile-jpki/service'
import type { checkEligibility } from '../contract.ts'
import { countFor } from '../rates.ts'
import type { World } from './world.ts'

type Answer = ReplyOf<typeof checkEligibility>

/** The key that every SIM can take. A key made in the SIM is one of the ways that the carrier may offer besides. */
const plainest = 'central'

export async function eligibility(
  world: Pick<World, 'carriers' | 'rates' | 'now' | 'quotas'>,
  { carrier, iccid, device }: RequestOf<typeof checkEligibility>,
): Promise<Answer> {
  await countFor(world, 'questions', iccid)
  const tsm = world.carriers.get(carrier)
  if (tsm === undefined) {
    const detail = `The carrier ${carrier} does not take part.`
    return { eligible: false, hindrances: [{ hindrance: 'carrierUnknown', detail }], keyModes: [] }
  }
  const { eligible, reasons, hindrances, keyModes = [], casd } = await tsm.eligibilityOfSim(iccid, device, plainest)
  return {
    eligible,
    hindrances: hindrances.map((hindrance, at) => ({ hindrance, detail: reasons[at] ?? '' })),
    // Without a CASD nobody attests a key that was made in the SIM.
    keyModes: keyModes.filter((keyMode) => keyMode === plainest || casd !== false),
  }
}
