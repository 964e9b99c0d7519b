/**
 * The readers of this machine and their cards, through the PC/SC service (pcscd; winscard on Windows).
 *
 * The service may be missing, stop and come back at any time: each question finds it anew, and says so where it is not there.
 */
import { Refusal } from '@mobile-jpki/refusal'
import pcsc from 'pcsc-mini'
import { type CardInReader, cardInReader, type Sharing } from './card.ts'
import { refusalOf, startService } from './refusals.ts'

/** `mute`: something lies there that does not answer as a card does. */
export type ReaderState = 'empty' | 'card' | 'mute'

export interface Reader {
  readonly name: string
  readonly state: ReaderState
}

export interface CardReaders extends AsyncDisposable {
  /** Those there are now. Refuses as `reader.service-absent`. */
  readers(): Promise<readonly Reader[]>
  /** Now, and again at each change, until the signal. Refuses as `readers` does, also when the service stops meanwhile. */
  changes(signal?: AbortSignal): AsyncIterable<readonly Reader[]>
  /** Refuses as `reader.absent`, `card.absent`, `reader.busy`, `reader.service-absent`. */
  connect(reader: string, sharing?: Sharing): Promise<CardInReader>
  /** Ends what watches the readers; cards that are connected are not touched. */
  close(): Promise<void>
}

const { Client, CardMode, CardDisposition, ReaderStatus } = pcsc
const modes = { exclusive: CardMode.EXCLUSIVE, shared: CardMode.SHARED } as const

/**
 * Clients whose service ended under them. pcsc-mini lets go of the service when a client is collected, and where that service is gone the
 * error ends the process: they are kept from that, one for each end of the service.
 */
const orphans: InstanceType<typeof Client>[] = []

/** How long a service that knows no reader is given to name one. */
const patience = 300

interface Watch {
  readonly client: InstanceType<typeof Client>
  readonly known: Map<string, ReaderState>
  readonly settled: Promise<void>
}

export function openCardReaders(): CardReaders {
  let watch: Watch | undefined
  let heard = Promise.withResolvers<void>()
  const tell = () => {
    heard.resolve()
    heard = Promise.withResolvers()
  }

  const leave = () => {
    watch = undefined
    tell()
  }
  /** A client that met its service's end is of no further use: another one takes its place. */
  const drop = (dropped: Watch) => {
    if (watch !== dropped) return
    orphans.push(dropped.client)
    leave()
  }

  function begin(): Watch {
    const client = new Client()
    const known = new Map<string, ReaderState>()
    const first = Promise.withResolvers<void>()
    const settling = setTimeout(() => first.resolve(), patience)
    const begun: Watch = {
      client,
      known,
      settled: first.promise.then(() => clearTimeout(settling)),
    }
    client.on('reader', (reader) => {
      const name = reader.name()
      known.set(name, 'empty')
      reader.on('change', (status) => {
        known.set(name, stateOf(status.raw))
        tell()
        // All readers are told of in one go.
        setImmediate(first.resolve)
      })
      reader.on('disconnect', () => {
        known.delete(name)
        tell()
      })
    })
    client.on('error', () => {
      first.resolve()
      drop(begun)
    })
    try {
      client.start()
    } catch (error) {
      clearTimeout(settling)
      throw refusalOf(error, '')
    }
    return begun
  }

  async function present(): Promise<Watch> {
    watch ??= begin()
    const mine = watch
    await mine.settled
    if (watch !== mine) throw new Refusal('reader.service-absent', startService)
    return mine
  }
  const listOf = ({ known }: Watch): readonly Reader[] => [...known].map(([name, state]) => ({ name, state }))

  async function* changes(signal?: AbortSignal): AsyncIterable<readonly Reader[]> {
    const aborted =
      signal && new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    const mine = await present()
    while (!signal?.aborted) {
      const next = heard.promise
      if (watch !== mine) throw new Refusal('reader.service-absent', startService)
      yield listOf(mine)
      await (aborted === undefined ? next : Promise.race([next, aborted]))
    }
  }

  async function connect(name: string, sharing: Sharing = 'exclusive'): Promise<CardInReader> {
    const mine = await present()
    const reader = mine.client.reader(name)
    if (reader === undefined) throw new Refusal('reader.absent', `There is no reader ${name}.`)
    try {
      const card = await reader.connect(modes[sharing])
      return cardInReader(name, card, { mode: modes[sharing], reset: CardDisposition.RESET })
    } catch (error) {
      const refusal = refusalOf(error, name)
      if (refusal instanceof Refusal && refusal.code === 'reader.service-absent') drop(mine)
      throw refusal
    }
  }

  const close = async () => {
    const mine = watch
    if (mine === undefined) return
    leave()
    try {
      mine.client.stop()
    } catch (error) {
      orphans.push(mine.client)
      // The service ended first, and the watch with it.
      if (!(refusalOf(error, '') instanceof Refusal)) throw error
    }
  }
  return {
    readers: async () => listOf(await present()),
    changes,
    connect,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function stateOf(status: number): ReaderState {
  if ((status & ReaderStatus.MUTE) !== 0) return 'mute'
  return (status & ReaderStatus.PRESENT) === 0 ? 'empty' : 'card'
}
