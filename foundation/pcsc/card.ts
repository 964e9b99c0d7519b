/** A card in a PC/SC reader, as any `Card`: commands one at a time, power, and an end that leaves nothing verified behind. PC/SC Part 5 §3.2.5. */
import type { Card } from '@mobile-jpki/iso7816'
import type { Card as PcscCard } from 'pcsc-mini'
import { pulledOut, refusalOf } from './refusals.ts'

/** `exclusive`: no other program reaches the card meanwhile, so a PIN that was verified serves nobody else. */
export type Sharing = 'exclusive' | 'shared'

export interface CardInReader extends Card, AsyncDisposable {
  readonly reader: string
  /** Resets the card, so that it forgets what was verified, and lets go of the reader. */
  disconnect(): Promise<void>
}

export interface Numbers {
  readonly mode: number
  /** SCARD_RESET_CARD */
  readonly reset: number
}

/** An extended answer and what PC/SC lays around it: MAX_BUFFER_SIZE_EXTENDED of pcsc-lite. */
const longestAnswer = 4 + 3 + 65_536 + 3 + 2

export function cardInReader(reader: string, card: PcscCard, { mode, reset }: Numbers): CardInReader {
  let turn: Promise<unknown> = Promise.resolve()
  const answer = new ArrayBuffer(longestAnswer)
  let over = false
  /** PC/SC takes one call at a time for a card. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work).catch((error: unknown) => {
      throw refusalOf(error, reader)
    })
    turn = mine.catch(() => undefined)
    return mine
  }
  const disconnect = async () => {
    if (over) return
    over = true
    // A card that is gone has forgotten by itself.
    await inTurn(() => card.disconnect(reset)).catch(() => undefined)
  }
  return {
    reader,
    reset: () =>
      inTurn(async () => {
        await card.reconnect(mode, reset)
        return (await card.state()).atr
      }),
    transmit: (command) =>
      inTurn(async () => {
        const answered = (await card.transmit(command, answer)).slice()
        if (answered.length < 2) throw pulledOut(reader)
        return answered
      }),
    disconnect,
    [Symbol.asyncDispose]: disconnect,
  }
}
