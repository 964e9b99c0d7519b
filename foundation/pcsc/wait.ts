/** Waiting for what a person does with cards and readers. */
import { Refusal } from '@mobile-jpki/refusal'
import type { CardReaders, Reader, ReaderState } from './readers.ts'

export interface Wish {
  /** Any, if not said. */
  readonly reader?: string | undefined
  readonly signal?: AbortSignal
  /** Hears what is there while nothing fits yet. */
  readonly onWait?: (readers: readonly Reader[]) => void
}

const untilOne =
  (wanted: ReaderState) =>
  async (all: Pick<CardReaders, 'changes'>, { reader, signal, onWait }: Wish = {}): Promise<Reader> => {
    for await (const readers of all.changes(signal)) {
      const meant = reader === undefined ? readers : readers.filter(({ name }) => name === reader)
      const found = meant.find(({ state }) => state === wanted)
      if (found !== undefined) return found
      onWait?.(meant)
    }
    throw new Refusal('card.absent', 'Nobody waits for a card any more.')
  }

/** Resolves with a reader that a card lies in. */
export const readerWithCard = untilOne('card')

/** Resolves with a reader from which the card was taken. */
export const emptyReader = untilOne('empty')
