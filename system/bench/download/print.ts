/** The figures of the download for people. */
import type { Spread } from '../figures.ts'
import { columns, figure, machineLine } from '../table.ts'
import type { Parts } from './contract.ts'
import type { DownloadFigures } from './measure.ts'

const spreadRow = (name: string, { median, lowest, highest }: Spread): readonly string[] => [
  name,
  figure(median),
  figure(lowest),
  figure(highest),
]

export function downloadTable(figures: DownloadFigures): string {
  const { cpu, secondsOfOne, parallel, rounds, downloads, failures } = figures
  const sum = cpu.servers.thread + cpu.servers.others + cpu.phones.thread + cpu.phones.others
  return [
    `${parallel} phones download at once; ${rounds} rounds, ${downloads} downloads; ${machineLine(figures.machine)}`,
    '',
    columns([
      ['', 'median', 'lowest', 'highest'],
      spreadRow('downloads per second', figures.downloadsPerSecond),
      spreadRow('RSA-2048 key pairs per second', figures.keysPerSecond),
      spreadRow('ratio', figures.ratio),
      spreadRow('ratio by CPU time', cpu.keyShare),
    ]),
    '',
    columns([
      ['seconds of one download, from ① to ⑱', figure(secondsOfOne.median), `95 %: ${figure(secondsOfOne.p95)}`],
    ]),
    '',
    `CPU milliseconds for one download (the processors were ${figure(cpu.busy * 100)} % busy with it):`,
    columns([
      ['all servers: JavaScript', figure(cpu.servers.thread)],
      ['all servers: thread pool, garbage collection', figure(cpu.servers.others)],
      ['  of which one RSA-2048 key pair, measured alone', figure(cpu.keyGeneration)],
      ['phones, SIMs, My Number cards: JavaScript', figure(cpu.phones.thread)],
      ['phones, SIMs, My Number cards: others', figure(cpu.phones.others)],
      ['together', figure(sum)],
    ]),
    '',
    'Whose JavaScript, in milliseconds for one download (sampled in a run of its own):',
    columns([...partRows('servers', figures.parts.servers), ...partRows('phones', figures.parts.phones)]),
    ...Object.entries(failures).map(([reason, count]) => `\n${count} downloads failed: ${reason}`),
    '',
    'Measured: steps ① to ⑱ of every download, over real sockets, all actors of one town and all phones on this machine, files flushed.',
    'Not measured: making the persons, their cards, SIMs and phones; the person (reads the mail and types at once); a radio network.',
    'The ratio is downloads to key pairs: at 1 the machine would do nothing but make the keys that downloads need. By CPU time it is the',
    'key pair’s share of all that a download computes, which depends less on who else uses the machine.',
  ].join('\n')
}

const shownFrom = 0.02

function partRows(where: string, parts: Parts): readonly (readonly string[])[] {
  const entries = Object.entries(parts)
  const sum = entries.reduce((total, [, value]) => total + value, 0)
  const shown = entries.filter(([, value]) => value >= sum * shownFrom)
  const rest = sum - shown.reduce((total, [, value]) => total + value, 0)
  return [...shown, ['others', rest] as const].map(([name, value]) => [`${where}: ${name}`, figure(value)])
}
