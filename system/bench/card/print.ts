/** The figures of the card for people. */
import { columns, figure, machineLine } from '../table.ts'
import type { CardFigures } from './measure.ts'

export function cardTable({ machine, cases, memory }: CardFigures): string {
  return [
    `One SIM in this process, after a whole download; ${machineLine(machine)}`,
    '',
    columns([
      ['commands per second', 'median', 'lowest', 'highest', 'limit', 'ratio'],
      ...cases.map(({ name, commandsPerSecond: { median, lowest, highest }, limit, ratio }) => [
        name,
        figure(median),
        figure(lowest),
        figure(highest),
        figure(limit.perSecond.median),
        figure(ratio.median),
      ]),
    ]),
    '',
    'The limits, in this order:',
    ...cases.map(({ name, limit }) => `  ${name}: ${limit.name}`),
    '',
    columns([
      ['memory', 'KiB', 'cards in a GiB'],
      ['what one SIM must remember', figure(memory.state / 1024)],
      ['one more SIM, power on', figure(memory.open / 1024), figure(memory.openPerGibibyte)],
      ['one more SIM, its applet in use', figure(memory.running / 1024), figure(memory.runningPerGibibyte)],
    ]),
    '',
    'Measured: the card’s side of each command, from its octets to the octets of the answer; under SCP03 the host’s wrapping is not',
    'on the clock. In memory nothing is flushed; in a file every command that writes is, before it is answered.',
  ].join('\n')
}
