/** What a carrier's TSM tells of a line, a SIM or a phone, turned into the life event that it is. */
import { Refusal } from '@mobile-jpki/refusal'
import type { LifeEvent } from '../../contract/life.ts'
import { ask } from '../ask.ts'
import type { Particulars } from '../task.ts'
import type { LifeWorld } from '../world.ts'

export interface Notification {
  readonly functionCall: { readonly id: string; readonly validUntil?: Date | undefined }
  readonly carrier: string
  /** For which the caller speaks. */
  readonly carriers: readonly string[]
  readonly iccid: string
  readonly event: LifeEvent
  readonly particulars?: Particulars
}

export interface Executed {
  readonly status: 'Executed-Success' | 'Executed-WithWarning'
  readonly warning?: string
}

/** Told again, it is the same task. What cannot happen to the life any more is answered with a warning: the carrier has done its part. */
export async function notified(world: LifeWorld, notification: Notification): Promise<Executed> {
  const { functionCall, carrier, carriers, iccid, event, particulars } = notification
  if (functionCall.validUntil !== undefined && functionCall.validUntil <= world.now())
    throw new Refusal('request.expired', 'The function call is past its validity.')
  if (!carriers.includes(carrier))
    throw new Refusal('caller.not-allowed', `The caller’s certificate does not name the carrier ${carrier}.`)
  if (!world.carriers.has(carrier))
    throw new Refusal('caller.not-allowed', `The carrier ${carrier} does not take part.`)
  const life = (await world.lives.inSim(iccid)).find((one) => one.carrier === carrier)
  if (life === undefined) return warned('Nothing in that SIM is of this service.')
  if (life.state === 'ended') return warned('What was in that SIM has ended.')
  try {
    await ask(world, { id: functionCall.id, orderId: life.orderId, event, ...(particulars && { particulars }) })
    return { status: 'Executed-Success' }
  } catch (error) {
    if (!(error instanceof Refusal) || !isTooLate(error)) throw error
    return warned(error.message)
  }
}

const isTooLate = ({ code }: Refusal): boolean =>
  ['certificate.revoked', 'certificate.on-hold', 'conditions.not-satisfied'].includes(code)

const warned = (warning: string): Executed => ({ status: 'Executed-WithWarning', warning })
