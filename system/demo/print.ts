/** What the demo shows: readable lines for people, a line of JSON each for machines. */
import type { Progress } from '@mobile-jpki/jpki-ui/domain'
import type { Used } from './use.ts'
import type { StepDone } from './watch.ts'

export interface Printer {
  progress(text: string): void
  note(text: string): void
  carried(progress: Progress): void
  step(step: StepDone): void
  use(use: Used): void
  end(summary: { readonly steps: number; readonly uses: number; readonly milliseconds: number }): void
}

export const printer = (json: boolean): Printer => (json ? forMachines() : forPeople())

const line = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

const forMachines = (): Printer => ({
  progress: () => undefined,
  note: (text) => line({ note: text }),
  carried: () => undefined,
  step: (step) => line({ ...step, milliseconds: rounded(step.milliseconds) }),
  use: (use) => line({ ...use, milliseconds: rounded(use.milliseconds), ok: true }),
  end: ({ milliseconds, ...summary }) => line({ done: true, ...summary, milliseconds: rounded(milliseconds) }),
})

function forPeople(): Printer {
  const live = process.stderr.isTTY === true
  const clear = () => {
    if (live) process.stderr.write('\r\x1b[K')
  }
  const say = (text: string) => {
    clear()
    process.stdout.write(`${text}\n`)
  }
  return {
    progress: (text) => {
      clear()
      if (live && text !== '') process.stderr.write(`  ${text} …`)
    },
    note: say,
    carried: ({ state, apdus, octets }) => {
      clear()
      if (live) process.stderr.write(`  ${state}: ${apdus} APDUs, ${octets} octets carried to the SIM`)
    },
    step: ({ step, from, to, what, messages, octets, milliseconds, ok }) => {
      const route = from === to ? from : `${from} → ${to}`
      const size = octets === 0 ? '' : `${octets} B`
      const many = messages > 1 ? ` (${messages} messages)` : ''
      say(
        `${step}${ok ? ' ' : '✗'} ${route.padEnd(28)} ${size.padStart(9)} ${`${milliseconds.toFixed(0)} ms`.padStart(8)}  ${what}${many}`,
      )
    },
    use: ({ use, what, milliseconds }) =>
      say(`✔   ${use.padEnd(28)} ${''.padStart(9)} ${`${milliseconds.toFixed(0)} ms`.padStart(8)}  ${what}`),
    end: ({ steps, uses, milliseconds }) =>
      say(`\n${steps} steps and ${uses} uses in ${(milliseconds / 1000).toFixed(1)} s.`),
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10
