/** The figures of logins for people. */
import type { Spread } from '../figures.ts'
import { columns, figure, machineLine } from '../table.ts'
import type { LoginFigures } from './measure.ts'

const spread = ({ median, lowest, highest }: Spread) => [figure(median), figure(lowest), figure(highest)]

export const loginTable = ({ machine, raw, listOctets, cases }: LoginFigures): string =>
  [
    `Logins verified by the relying party's library; ${machineLine(machine)}`,
    '',
    columns([
      ['per second, one core', 'median', 'lowest', 'highest', 'ratio by CPU time', 'ms of one alone'],
      ['raw RSA-2048 verifications', ...spread(raw), '1', figure(1000 / raw.median)],
      ...cases.map(({ name, perSecond, ratio, milliseconds }) => [
        name,
        ...spread(perSecond),
        figure(ratio.median),
        figure(milliseconds),
      ]),
    ]),
    '',
    `  A login: path to an RSA-2048 CA, policy, key usage, signature over the statement, status. The list has ${figure(listOctets / (1 << 20))} MiB.`,
    '  The responder runs in a process of its own and shares the machine; its time is not in the ratio.',
  ].join('\n')
