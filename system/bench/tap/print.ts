/** The figures of a tap for people. */
import { columns, figure, machineLine } from '../table.ts'
import type { TapFigures } from './measure.ts'

export const tapTable = ({ machine, taps, rows }: TapFigures): string =>
  [
    machineLine(machine),
    '',
    `One tap, median of ${taps}. Own: OCSP, verification, and without PIN the list of terminals.`,
    columns([
      ['', 'commands', 'octets', 'air at 106 kbit/s, ms', 'software SIM, ms', 'own, ms'],
      ...rows.map((row) => [
        row.way,
        figure(row.commands),
        figure(row.octets),
        figure(row.airMilliseconds),
        figure(row.cardMilliseconds),
        figure(row.ownMilliseconds),
      ]),
    ]),
  ].join('\n')
