/** A desk with a card reader: each card that is laid there is read once, until somebody ends it. */
import { type CardReaders, emptyReader, type Reader, readerWithCard } from '@mobile-jpki/pcsc'
import { Refusal } from '@mobile-jpki/refusal'
import { type Asking, type Reading, read, type Terminal } from '@mobile-jpki/terminal'

export interface Desk {
  readonly readers: CardReaders
  /** Any, if not said. */
  readonly reader?: string | undefined
  readonly terminal: Terminal
  readonly asking: Asking
  readonly once: boolean
  readonly signal: AbortSignal
  waits(readers: readonly Reader[]): void
  heard(reader: string, reading: Reading): void
}

/** Answers the last reading; undefined where it was ended before any. */
export async function runDesk(desk: Desk): Promise<Reading | undefined> {
  const { readers, reader, once, signal, waits, heard } = desk
  let last: Reading | undefined
  try {
    while (!signal.aborted) {
      const { name } = await readerWithCard(readers, { reader, signal, onWait: waits })
      last = await tapIn(desk, name)
      heard(name, last)
      if (once) return last
      await emptyReader(readers, { reader: name, signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return last
}

/** The card is the terminal's alone meanwhile, and forgets the PIN at the end. */
async function tapIn({ readers, terminal, asking }: Desk, name: string): Promise<Reading> {
  try {
    await using card = await readers.connect(name)
    await card.reset()
    return await read(terminal, card, asking)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { ok: false, refusal: error, cost: { apdus: 0, octets: 0, cardMilliseconds: 0, ownMilliseconds: 0 } }
  }
}
