/** Bad weather for short messages: one of them, chosen by its number, is lost, doubled or overtaken on its way to the SIM or back. */
import type { Disturbance } from '@mobile-jpki/carrier-network/main'

const mishaps = {
  'short message lost': 'lose',
  'short message doubled': 'double',
  'short message overtaken': 'delay',
} as const
export type ShortMessageFault = keyof typeof mishaps
export const shortMessageFaults = Object.keys(mishaps) as readonly ShortMessageFault[]

export interface Air {
  readonly disturbance: Disturbance
  /** Every short message from now on, either way, is numbered from 0. */
  forecast(plan?: { readonly number: number; readonly fault: ShortMessageFault }): void
  readonly passed: readonly string[]
}

export function airAbove(): Air {
  let plan: { readonly number: number; readonly fault: ShortMessageFault } | undefined
  let passed: string[] = []
  return {
    disturbance: (way) => {
      const number = passed.push(`short message ${way === 'toPhone' ? 'to the SIM' : 'from the SIM'}`) - 1
      return plan?.number === number ? mishaps[plan.fault] : 'none'
    },
    forecast: (next) => {
      plan = next
      passed = []
    },
    get passed() {
      return passed
    },
  }
}
