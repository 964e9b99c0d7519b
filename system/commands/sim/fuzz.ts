/** ./jpki sim fuzz: random and mutated commands to SIMs of all types, and what must hold after each. */
import { z } from 'zod'
import { simTypeNamed, simTypes } from '../../carriers/carriers.ts'
import { command, flag, value } from '../../command.ts'
import { failureLines, progressLine, totalsLines } from '../../sim/fuzz/print.ts'
import type { Report } from '../../sim/fuzz/run.ts'
import { fuzzWatched } from '../../sim/fuzz/watched.ts'

/** What a shell says of a program that Ctrl-C ended. */
const interrupted = 130

const natural = z.coerce.number().int().min(1).max(1_000_000_000)

export default command({
  summary: 'send random and mutated APDUs to SIMs, and judge the card after each',
  description: [
    'Noise, valid commands and their neighbours, in the clear and in sessions of every level; changed before and after the C-MAC,',
    'sent twice, in the wrong order, cut. After each: an answer in time, no error of the card, no key in it, and no change of',
    'registry, keys, life cycle or card data but by a command that the card accepted under its authority. The same seed is the same run.',
  ].join('\n'),
  options: {
    seed: value(
      'N',
      'which run; one by the clock if absent',
      z.coerce.number().int().min(0).max(0x7fffffff).optional(),
    ),
    count: value('N', 'how many commands, shared among the types', natural.default(1_000_000)),
    profile: value('NAME', 'one SIM type instead of all', z.string().optional()),
    json: flag('the result as JSON'),
  },
  run: async ({ seed = Date.now() % 0x7fffffff, count, profile, json }) => {
    const names = profile === undefined ? simTypes.map(({ name }) => name) : [simTypeNamed(profile).name]
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
    const each = Math.ceil(count / names.length)
    let hasFailed = false
    for (const simType of names) {
      if (stop.signal.aborted) break
      const began = performance.now()
      const seconds = () => (performance.now() - began) / 1000
      const report = await fuzzWatched({
        seed,
        count: each,
        simType,
        stop: stop.signal,
        onProgress: (totals) => live(progressLine(simType, totals, each, seconds())),
      })
      live('')
      hasFailed ||= report.failure !== undefined
      process.stdout.write(
        `${json ? JSON.stringify(asJson(simType, seed, report, seconds())) : said(simType, seed, report, seconds())}\n`,
      )
    }
    const { aborted } = stop.signal
    if (!json && aborted) process.stdout.write('Stopped before the end.\n')
    if (!json && !hasFailed) process.stdout.write(`${aborted ? 'Until then n' : 'N'}othing did what it may not.\n`)
    return hasFailed ? 1 : aborted ? interrupted : 0
  },
})

function live(line: string): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r\x1b[K${line}`)
}

const said = (simType: string, seed: number, { totals, failure }: Report, seconds: number): string =>
  [
    ...totalsLines(simType, seed, totals, seconds),
    ...(failure === undefined ? [] : failureLines(simType, seed, failure)),
  ].join('\n')

const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

const asJson = (profile: string, seed: number, { totals, failure }: Report, seconds: number) => ({
  profile,
  seed,
  seconds,
  ...totals,
  statusWords: Object.fromEntries([...totals.statusWords].map(([sw, times]) => [sw.toString(16).toUpperCase(), times])),
  ...(failure && {
    failure: {
      ...{ kind: failure.kind, words: failure.words, card: failure.card, command: failure.command },
      passed: failure.passed.map(({ sent, received }) => ({ sent: hex(sent), received: hex(received) })),
    },
  }),
})
