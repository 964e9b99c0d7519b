/** What a run says: how much, how fast, which status words; and of a failure the shortest way to it. */
import { describeStatusWord } from '@mobile-jpki/iso7816'
import type { Action } from './actions.ts'
import type { Failure, Totals } from './run.ts'

const number = (value: number) => Math.round(value).toLocaleString('en')
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
const hexOf = (sw: number) => sw.toString(16).toUpperCase().padStart(4, '0')

export const progressLine = (
  name: string,
  { commands, opened, changes }: Totals,
  count: number,
  seconds: number,
): string =>
  `${name}: ${number(commands)} of ${number(count)} commands, ${number(commands / seconds)} a second, ${number(opened)} sessions, ${number(changes)} changes`

const barLength = 30

export function totalsLines(name: string, seed: number, totals: Totals, seconds: number): readonly string[] {
  const { commands, cards, opened, changes, slowest, statusWords } = totals
  const most = Math.max(1, ...statusWords.values())
  return [
    `${name}, seed ${seed}: ${number(commands)} commands to ${number(cards)} ${cards === 1 ? 'card' : 'cards'} in ${number(seconds)} s, ${number(commands / seconds)} a second; the slowest took ${number(slowest)} ms`,
    `${number(opened)} secure channels opened, ${number(changes)} changes of the card, each under its authority`,
    ...[...statusWords]
      .sort(([, one], [, other]) => other - one)
      .map(
        ([sw, times]) =>
          `  ${hexOf(sw)} ${'█'.repeat(Math.ceil((times / most) * barLength)).padEnd(barLength)} ${number(times).padStart(9)}  ${describeStatusWord(sw)}`,
      ),
  ]
}

export const failureLines = (name: string, seed: number, failure: Failure): readonly string[] => [
  `${name}, seed ${seed}, card ${failure.card}, command ${failure.command}: ${failure.kind}`,
  `  ${failure.words}`,
  ...(failure.actions.length === 0
    ? []
    : ['The shortest way to it:', ...failure.actions.map((action, at) => `  ${at + 1}. ${wordsOf(action)}`)]),
  'What passes:',
  ...failure.passed.flatMap(({ sent, received }) => [`  > ${hex(sent)}`, `  < ${hex(received)}`]),
]

function wordsOf(action: Action): string {
  switch (action.kind) {
    case 'reset':
      return 'reset'
    case 'raw':
      return `send ${hex(action.octets)}`
    case 'air':
      return `a script over the air of ${action.apdus.length} commands${action.tamper ? ', changed' : ''}${action.ago > 0 ? ', with an old counter' : ''}`
    case 'replayed':
      return `send again what was sent ${action.ago + 1} commands ago`
    case 'open': {
      const flaw = { cryptogram: ' with a wrong cryptogram', unfinished: ' and leave it half open', none: '' }[
        action.flaw ?? 'none'
      ]
      return `open door ${action.door} on channel ${action.channel} at level ${hex(Uint8Array.of(action.level))}${flaw}`
    }
    case 'through': {
      const { cla, ins, p1, p2, data } = action.apdu
      const tamper = action.tamper === undefined ? '' : `, then tamper with it (${action.tamper.kind})`
      return `through the session on channel ${action.channel}: ${hex(Uint8Array.of(cla, ins, p1, p2))} ${hex(data)}${tamper}`
    }
    case 'swapped':
      return `two commands through the session on channel ${action.channel}, in the wrong order`
  }
}
