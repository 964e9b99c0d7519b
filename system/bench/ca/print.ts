/** The figures of CA and validity nodes for people. */
import type { Spread } from '../figures.ts'
import { columns, figure, machineLine } from '../table.ts'
import type { CaFigures } from './measure.ts'

const mebibytes = (octets: number): string => `${figure(octets / (1 << 20))} MiB`
const spread = ({ median, lowest, highest }: Spread) => [figure(median), figure(lowest), figure(highest)]
const count = (value: number): string => value.toLocaleString('en')
const secondsInADay = 86_400

export function caTable({ machine, issue, ocsp, revocation, list }: CaFigures): string {
  const registered = issue.cases.find(({ name }) => name === 'registered')
  return [
    `CA, lists and validity node; ${machineLine(machine)}`,
    '',
    columns([
      ['one core, keys at hand', 'median', 'lowest', 'highest', 'ratio by CPU time'],
      ['raw RSA-2048 signatures per second', ...spread(issue.signaturesPerSecond), '1'],
      ...issue.cases.map(({ name, perSecond, ratio }) => [
        `certificates per second, ${name}`,
        ...spread(perSecond),
        figure(ratio.median),
      ]),
    ]),
    '',
    `  journal off to journal on, by CPU time: ${figure(issue.journalRatio.median)}`,
    `  mass re-issue in 24 hours, one core, registered: ${count(Math.floor((registered?.perSecond.median ?? 0) * secondsInADay))} certificates`,
    '',
    columns([
      ['OCSP answers per second of one node', 'median', 'lowest', 'highest', 'ratio', 'by CPU time'],
      ...ocsp.flatMap(({ certificates, perSecond, bare, ratio, cpuRatio, openssl }) => [
        [`${count(certificates)} certificates`, ...spread(perSecond), figure(ratio.median), figure(cpuRatio.median)],
        ['  bare node:http', ...spread(bare), '1', '1'],
        ...openssl.map(({ key, perSecond: theirs, ratio: times }) => [
          `  openssl ocsp, 1,000, ${key}`,
          ...spread(theirs),
          `1 / ${figure(times.median)}`,
          '',
        ]),
      ]),
    ]),
    '',
    columns([
      ['a node starts over', 'ms to first answer', 'memory then', 'after the load'],
      ...ocsp.map(({ certificates, startMilliseconds, memory }) => [
        `${count(certificates)} certificates`,
        figure(startMilliseconds),
        mebibytes(memory.started),
        mebibytes(memory.loaded),
      ]),
    ]),
    '',
    columns([
      ['a revocation, milliseconds', 'median', 'lowest', 'highest'],
      ['until the CA answers', ...spread(revocation.answered)],
      ['from then until a client has "revoked"', ...spread(revocation.seen)],
    ]),
    `  answers that still said "good" after the CA had answered: ${revocation.stale}`,
    '',
    `A list of ${count(list.entries)} revoked certificates, read, built, signed and published: ${figure(list.seconds)} s (CPU ${figure(list.cpuSeconds)} s),`,
    `  ${mebibytes(list.octets)}, peak memory ${mebibytes(list.peak)} (${mebibytes(list.peakBefore)} before), longest pause of other work ${figure(list.longestPauseMilliseconds)} ms;`,
    `  SHA-256 over it alone: ${figure(list.hashSeconds)} s`,
  ].join('\n')
}
