/** A phone that loses its power at one command to its SIM: before the card has it, or behind its answer, which nobody hears. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Sim } from '@mobile-jpki/sim'

export const powerFaults = ['off before a command', 'off behind a command'] as const
export type PowerFault = (typeof powerFaults)[number]

export interface Power {
  readonly card: Sim
  /** Every command from now on is numbered from 0. `goesOff` is called once, and the card has been reset by then. */
  forecast(plan: { readonly number: number; readonly fault: PowerFault } | undefined, goesOff?: () => void): void
  readonly commands: readonly string[]
}

export function powerOf(sim: Sim): Power {
  let plan: { readonly number: number; readonly fault: PowerFault } | undefined
  let off: () => void = () => undefined
  let commands: string[] = []
  const transmit = async (command: Uint8Array): Promise<Uint8Array> => {
    const number = commands.push(command.subarray(0, 4).toHex()) - 1
    if (plan?.number !== number) return sim.transmit(command)
    if (plan.fault === 'off behind a command') await sim.transmit(command)
    await sim.reset()
    off()
    throw new Refusal('card.absent')
  }
  return {
    card: { ...sim, transmit },
    forecast: (next, goesOff = () => undefined) => {
      plan = next
      off = goesOff
      commands = []
    },
    get commands() {
      return commands
    },
  }
}
