/** The matrix for people. */
import { columns, figure, machineLine } from '../table.ts'
import type { MatrixFigures, Row } from './measure.ts'

const count = (number: number): string => number.toLocaleString('en')

export function matrixTable({ machine, loadFileOctets, rows }: MatrixFigures): string {
  const done = rows.filter(({ outcome }) => outcome === 'downloaded')
  const others = rows.filter(({ outcome }) => outcome !== 'downloaded')
  return [
    `Every SIM type by every bearer; ${machineLine(machine)}`,
    '',
    columns([
      ['SIM type', 'bearer', 'key', 'commands', 'round trips', 'octets over the air', 'seconds', 'OpenSC'],
      ...done.map(({ simType, bearer, keys, commands, roundTrips, octets, seconds, openSc }) => [
        simType,
        bearer,
        keys,
        count(commands),
        count(roundTrips),
        count(octets),
        figure(seconds),
        openSc === null ? 'not asked' : openSc ? 'logs in' : 'DOES NOT',
      ]),
    ]),
    '',
    ...others.map(({ simType, bearer, outcome, reason }) => `  ${simType}, ${bearer}: ${outcome}: ${reason}`),
    '',
    `  The applet's load file has ${count(loadFileOctets)} octets. Commands are those at the SIM's contacts, from ⑫ on.`,
  ].join('\n')
}

/** Was there anything that should have been otherwise? */
export const isAsItShould = (rows: readonly Row[]): boolean =>
  rows.every(({ outcome, openSc }) => outcome === 'refused' || (outcome === 'downloaded' && openSc !== false))
