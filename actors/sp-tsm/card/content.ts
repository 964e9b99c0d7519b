/**
 * The applet, where SP-TSM manages content by itself: by its own right (authorized), or command by command by the carrier's tokens
 * (delegated), whose receipts the carrier verifies. GPCS v2.3.1 §9.1.3, §9.2.
 */
import {
  type CardContent,
  commandsOf,
  type DomainChannel,
  deleting,
  missingSteps,
  type Received,
  receiptsIn,
  type Step,
  withToken,
} from '@mobile-jpki/content-management'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { placement } from '@mobile-jpki/jpki-applet/contract'
import { Refusal } from '@mobile-jpki/refusal'
import type { Ahead } from '../applet/data-groupings.ts'
import type { Order } from '../domain/order.ts'
import type { Carrier, Deployment, World } from '../domain/world.ts'
import { termsOf } from './security-domain.ts'

export interface Installation {
  readonly instanceAid: Uint8Array
  /** Goes in front of the first personalization. */
  readonly ahead: Ahead
  /** Behind it: the carrier hears what was done, and verifies it. */
  tellCarrier(): Promise<void>
}

/** `present` is what the SIM holds; without it, it is taken to hold nothing, and refuses where that is not so. */
export async function installation(
  world: World,
  order: Order,
  channel: DomainChannel,
  { dap }: Pick<Deployment, 'dap'>,
  present?: CardContent,
): Promise<Installation> {
  const { securityDomain } = order
  const carrier = carrierOf(world, order)
  if (securityDomain === undefined) throw new Error('an order with an SP area has its security domain')
  const { management } = termsOf(order)
  const wanted = {
    ...placement,
    loadFile: world.loadFile,
    dapBlocks: dap === undefined ? [] : [dap],
    by: securityDomain,
    into: securityDomain,
  }
  const room = channel.blockLength
  const steps =
    management === 'delegated'
      ? await allowed(carrier, order, anew(wanted, room, present))
      : missingSteps(wanted, room, present)
  let receipts: readonly Received[] = []
  return {
    instanceAid: wanted.instance,
    ahead: {
      instructions: steps.flatMap(commandsOf),
      settle: (answers) => {
        receipts = receiptsIn(steps, answers)
      },
    },
    tellCarrier: async () => {
      if (management === 'authorized') await carrier.actionDone(order.id, 'install')
      else await carrier.verifyReceipts(order.id, receipts)
    },
  }
}

type Wanted = Parameters<typeof missingSteps>[0]

/** A receipt that was lost cannot be asked for again (GPCS §11.1.6): what it would have confirmed is done once more. */
function anew(wanted: Wanted, blockLength: number, present: CardContent | undefined): readonly Step[] {
  const { instance, loadFile } = wanted
  return [
    ...(present?.application(instance) === undefined ? [] : [deleting(instance)]),
    ...(present?.loadFile(loadFile.aid) === undefined ? [] : [deleting(loadFile.aid)]),
    ...missingSteps(wanted, blockLength),
  ]
}

async function allowed(carrier: Carrier, { id }: Order, steps: readonly Step[]): Promise<readonly Step[]> {
  const commands = steps.map(({ command }) => encodeCommandApdu(command.apdu))
  const tokens = await carrier.tokens(id, commands)
  return steps.map((step, at) => {
    const granted = tokens[at]
    if (granted === undefined) throw new Refusal('peer.failed', 'A token is missing.', { whose: 'mno-tsm' })
    return { ...step, command: withToken(step.command, granted) }
  })
}

export function carrierOf({ carriers }: World, { form }: Order): Carrier {
  const carrier = carriers.get(form.carrier)
  if (carrier === undefined) throw new Refusal('sim.not-eligible', `The carrier ${form.carrier} does not take part.`)
  return carrier
}
