/** ./jpki card-helper: the program beside the browser that lets one site ask for a signature by the card in a PC/SC reader. */
import { setTimeout } from 'node:timers/promises'
import { buildHelperPage, startCardHelper } from '@mobile-jpki/pc'
import { openCardReaders, type Reader } from '@mobile-jpki/pcsc'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { command, value } from '../command.ts'
import { defaultPortBase, portsFrom } from '../town/layout.ts'
import { dataOption } from '../town/options.ts'
import { runningTown } from '../town/running.ts'

const origin = z.string().refine((text) => {
  const url = URL.parse(text)
  return url !== null && url.origin === text && /^https?:$/.test(url.protocol)
}, 'write an origin, as https://example.jp')

export default command({
  summary: 'let the page for a PC ask for signatures by the My Number card in a PC/SC reader; Ctrl-C ends it',
  description: [
    'Listens on this machine only. One site may ask, the one that --site names or that of the running town, for a signature on an application, its',
    'withdrawal, or the end of a lost phone’s certificate, and on nothing else. The person sees on the helper’s own page what is signed, and types the',
    'password there.',
  ].join('\n'),
  options: {
    site: value('ORIGIN', 'the site that may ask; the page of the running town, if not said', origin.optional()),
    port: value(
      'N',
      'where the page looks for the helper; what the town says, if not said',
      z.coerce.number().int().min(1).max(65_535).optional(),
    ),
    data: dataOption,
  },
  run: async ({ site, port, data }) => {
    const town = site === undefined ? (await runningTown(data))?.pc : undefined
    const asking = site ?? (town === undefined ? undefined : new URL(town).origin)
    if (asking === undefined)
      throw new Refusal('request.malformed', `No town runs over ${data}: say with --site who may ask.`)
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
    await using readers = openCardReaders()
    const helper = await startCardHelper(
      { port: port ?? portAt(asking), site: asking },
      { page: async () => (await buildHelperPage()).directory, readers },
    )
    try {
      process.stdout.write(`The card helper is at ${helper.url}; ${asking} may ask it. Ctrl-C ends it.\n`)
      await tellReaders(readers, stop.signal)
    } finally {
      await helper.close()
    }
    return 0
  },
})

/** Beside the page's own port, as the town lays them out; a site of the net is met at the usual place. */
function portAt(site: string): number {
  const { pc, cardHelper } = portsFrom(0)
  const given = Number(new URL(site).port)
  const isHere = ['127.0.0.1', 'localhost'].includes(new URL(site).hostname)
  return isHere && given > 0 ? given - pc + cardHelper : defaultPortBase + cardHelper
}

const pauseMilliseconds = 1000

/** What is in the readers, a line for each change, until the signal. */
async function tellReaders(readers: ReturnType<typeof openCardReaders>, signal: AbortSignal): Promise<void> {
  let said = ''
  const say = (text: string) => {
    if (text !== said && !signal.aborted) process.stdout.write(`${text}\n`)
    said = text
  }
  while (!signal.aborted) {
    try {
      for await (const now of readers.changes(signal)) say(sentenceOf(now))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      say(`${error.sentence} ${error.message}`)
    }
    await setTimeout(pauseMilliseconds, undefined, { signal }).catch(() => undefined)
  }
}

const states = { empty: 'is empty', card: 'holds a card', mute: 'holds something that does not answer' } as const

const sentenceOf = (readers: readonly Reader[]): string =>
  readers.length === 0
    ? 'There is no card reader; connect one.'
    : readers.map(({ name, state }) => `${name} ${states[state]}.`).join(' ')
