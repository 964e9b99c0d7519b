/** The town's own address: where everything is, the wallets of its people for readers, and every message as it passes. */
import type { Card } from '@mobile-jpki/iso7816'
import { type Listening, listen, serve, serveRaw } from '@mobile-jpki/service'
import type { Ring } from '@mobile-jpki/trace'
import { toLine } from '@mobile-jpki/trace/entry'
import type { Wallets } from '../cards/wallets.ts'
import { describeTown, exchangeApduWithCardOf, type Places, resetCardOf, tracePath } from '../contract.ts'
import type { Layout } from '../layout.ts'

export function listenForTown(
  { data }: Layout,
  port: number,
  places: Omit<Places, 'town'>,
  trace: Ring,
  wallets: Wallets,
): Promise<Listening> {
  const cards = new Map<string, Card>()
  const cardOf = (person: string): Card => {
    const card = cards.get(person) ?? wallets.cardOf(person)
    cards.set(person, card)
    return card
  }
  const town = `http://127.0.0.1:${port}`
  return listen({
    actor: 'system',
    port,
    ownPagesOnly: true,
    routes: [
      serve(describeTown, () => ({ data, process: process.pid, places: { ...places, town } })),
      serve(resetCardOf, async ({ person }) => ({ answerToReset: await cardOf(person).reset() })),
      serve(exchangeApduWithCardOf, async ({ person, command }) => ({
        response: await cardOf(person).transmit(command),
      })),
      serveRaw({
        method: 'GET',
        path: tracePath,
        handler: (_request, { signal }) => ({
          headers: { 'content-type': 'application/x-ndjson' },
          body: linesOf(trace, signal),
        }),
      }),
    ],
  })
}

/** From now on: what is remembered from before is passed over. An empty line first says that the watch has begun. */
async function* linesOf(trace: Ring, signal: AbortSignal): AsyncGenerator<string> {
  let remembered = trace.entries().length
  yield '\n'
  for await (const entry of trace.follow(signal)) {
    if (remembered > 0) remembered -= 1
    else yield toLine(entry)
  }
}
