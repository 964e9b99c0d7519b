/** PC/SC readers of this machine, as cards. */
export type { CardInReader, Sharing } from './card.ts'
export { type CardReaders, openCardReaders, type Reader, type ReaderState } from './readers.ts'
export { emptyReader, readerWithCard, type Wish } from './wait.ts'
