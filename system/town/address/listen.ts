/** The town's own address: where everything is, the wallets of its people for readers, and every message as it passes. */
import { type Listening, listen, type Route, serve, serveRaw } from '@mobile-jpki/service'
import type { Ring } from '@mobile-jpki/trace'
import { toLine } from '@mobile-jpki/trace/entry'
import { buySim, describeDesk, insertSim, layCard, putPhone } from '../../desk/contract.ts'
import { deskRoutes } from '../../desk/index.ts'
import type { Wallets } from '../cards/wallets.ts'
import { describeTown, exchangeApduWithCardOf, type Places, resetCardOf, tracePath } from '../contract.ts'
import type { Layout } from '../layout.ts'
import { describeReader, exchangeApduOnReader, resetOnReader } from '../readers/contract.ts'
import type { TownReaders } from '../readers/reader.ts'
import type { Hands } from '../things/things.ts'

export interface InTown {
  readonly places: Omit<Places, 'town'>
  readonly trace: Ring
  readonly wallets: Wallets
  readonly readers: TownReaders
  readonly hands: Hands
}

export function listenForTown({ data }: Layout, port: number, inTown: InTown): Promise<Listening> {
  const { places, trace, wallets, readers, hands } = inTown
  const town = `http://127.0.0.1:${port}`
  return listen({
    actor: 'system',
    port,
    ownPagesOnly: true,
    routes: [
      serve(describeTown, () => ({ data, process: process.pid, places: { ...places, town } })),
      serve(resetCardOf, async ({ person }) => ({ answerToReset: await wallets.cardOf(person).reset() })),
      serve(exchangeApduWithCardOf, async ({ person, command }) => ({
        response: await wallets.cardOf(person).transmit(command),
      })),
      ...deskRoutes(town, () => Object.values(hands.describe().places).map((url) => new URL(url).origin)),
      ...readerRoutes(readers),
      ...handRoutes(hands),
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

const readerRoutes = (readers: TownReaders): readonly Route[] => [
  serve(describeReader, ({ reader }) => ({ present: readers[reader].present })),
  serve(resetOnReader, async ({ reader }) => ({ answerToReset: await readers[reader].card.reset() })),
  serve(exchangeApduOnReader, async ({ reader, command }) => ({
    response: await readers[reader].card.transmit(command),
  })),
]

const handRoutes = (hands: Hands): readonly Route[] => [
  serve(describeDesk, () => hands.describe()),
  serve(layCard, ({ at, of }) => hands.layCard(at, of)),
  serve(putPhone, ({ at }) => hands.putPhone(at)),
  serve(insertSim, ({ iccid }) => hands.insertSim(iccid)),
  serve(buySim, ({ simType }) => hands.buySim(simType)),
]

/** From now on: what is remembered from before is passed over. An empty line first says that the watch has begun. */
async function* linesOf(trace: Ring, signal: AbortSignal): AsyncGenerator<string> {
  let remembered = trace.entries().length
  yield '\n'
  for await (const entry of trace.follow(signal)) {
    if (remembered > 0) remembered -= 1
    else yield toLine(entry)
  }
}
