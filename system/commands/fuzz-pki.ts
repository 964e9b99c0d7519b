/** ./jpki fuzz pki: mutated certificates, revocation lists, OCSP messages, SignedData and certification requests to our readers. */
import { z } from 'zod'
import { command, flag, value } from '../command.ts'
import { fuzzPki, type Report, type Totals } from '../fuzz/run.ts'

/** What a shell says of a program that Ctrl-C ended. */
const interrupted = 130

export default command({
  summary: 'mutate certificates, revocation lists, OCSP messages, CMS and requests, and read them',
  description: [
    'Octets and elements of good structures are changed, cut, doubled, moved, nested and mixed. What comes out must be read, or refused',
    'with an error that says so, in time. The same seed is the same run, but for the keys, which are new.',
  ].join('\n'),
  options: {
    seed: value(
      'N',
      'which run; one by the clock if absent',
      z.coerce.number().int().min(0).max(0x7fffffff).optional(),
    ),
    mutations: value('N', 'how many', z.coerce.number().int().min(1).max(1_000_000_000).default(500_000)),
    json: flag('the result as JSON'),
  },
  run: async ({ seed = Date.now() % 0x7fffffff, mutations, json }) => {
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
    const began = performance.now()
    const report = await fuzzPki({ seed, mutations, stop: stop.signal, onProgress: (totals) => live(line(totals)) })
    live('')
    const seconds = (performance.now() - began) / 1000
    process.stdout.write(`${json ? JSON.stringify(asJson(seed, seconds, report)) : said(seed, seconds, report)}\n`)
    return report.failure !== undefined ? 1 : stop.signal.aborted ? interrupted : 0
  },
})

function live(text: string): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r\x1b[K${text}`)
}

const count = (number: number): string => number.toLocaleString('en')
const line = ({ mutants, changedOctets }: Totals): string =>
  `${count(mutants)} mutants, ${count(changedOctets)} octets changed`
const megabytes = (): number => Math.round(process.resourceUsage().maxRSS / 1024)

const said = (seed: number, seconds: number, { totals, failure }: Report): string =>
  [
    `seed ${seed}: ${line(totals)}, ${count(totals.octets)} read in ${seconds.toFixed(1)} s; the slowest took ${totals.slowestMilliseconds.toFixed(1)} ms, memory at most ${megabytes()} MiB`,
    `accepted ${count(totals.accepted)}; refused: ${Object.entries(totals.refused)
      .map(([name, times]) => `${name} ${count(times)}`)
      .join(', ')}`,
    ...(failure === undefined
      ? ['Nothing did what it may not.']
      : [`${failure.subject}, mutant ${failure.mutant}: ${failure.what}`, shown(failure.octets)]),
  ].join('\n')

/** A long one is for --json. */
const shown = (octets: Uint8Array): string =>
  octets.length > 4096 ? `${octets.length} octets, ${octets.subarray(0, 64).toHex()}…` : octets.toHex()

const asJson = (seed: number, seconds: number, { totals, failure }: Report) => ({
  seed,
  seconds,
  ...totals,
  megabytes: megabytes(),
  ...(failure && { failure: { ...failure, octets: failure.octets.toHex() } }),
})
