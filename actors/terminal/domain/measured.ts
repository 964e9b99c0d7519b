/** What one tap costs: commands, octets both ways, and the time that the card took of it. */
import type { CardChannel } from './reading.ts'

export interface Cost {
  readonly apdus: number
  readonly octets: number
  /** Waiting for the card, the reader and the way to it. */
  readonly cardMilliseconds: number
  /** Waiting for the JPKI system's word and computing. */
  readonly ownMilliseconds: number
}

export interface Measured {
  readonly card: CardChannel
  cost(): Cost
  /** Time that is nobody's: the person types the PIN. */
  aside<T>(work: () => Promise<T>): Promise<T>
}

export function measured(card: CardChannel, clock: () => number): Measured {
  const began = clock()
  let [apdus, octets, inCard, besides] = [0, 0, 0, 0]
  return {
    card: {
      transmit: async (command) => {
        const at = clock()
        const response = await card.transmit(command)
        inCard += clock() - at
        apdus += 1
        octets += command.length + response.length
        return response
      },
    },
    cost: () => ({
      apdus,
      octets,
      cardMilliseconds: inCard,
      ownMilliseconds: clock() - began - inCard - besides,
    }),
    aside: async (work) => {
      const at = clock()
      try {
        return await work()
      } finally {
        besides += clock() - at
      }
    },
  }
}
