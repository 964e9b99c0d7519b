/** A reader at a counter: one tap at a time, its proof judged by the terminal, and the account to which the certificate leads. */
import { type Asking, type Evidence, type Reading, read, type Terminal } from '@mobile-jpki/terminal'

/** A contactless reader: a My Number card or a phone is held against it. */
export interface Reader {
  readonly present: boolean
  readonly card: {
    reset(): Promise<Uint8Array>
    transmit(command: Uint8Array): Promise<Uint8Array>
  }
}

export interface CounterParts {
  readonly reader: Reader
  readonly terminal: Terminal
  /** The person behind a certificate and all its renewals. */
  readonly accountOf: (serialNumber: string) => Promise<string>
}

export interface Tapped {
  readonly account: string
  readonly serialNumber: string
  readonly token: Extract<Reading, { ok: true }>['token']
  readonly evidence: Evidence
}

export interface Counter {
  readonly isSomethingThere: () => boolean
  /** Refuses whatever does not prove whose it is. */
  read(asking: Asking): Promise<Tapped>
}

export function counterOf({ reader, terminal, accountOf }: CounterParts): Counter {
  let last: Promise<unknown> = Promise.resolve()
  const tap = async (asking: Asking): Promise<Tapped> => {
    await reader.card.reset()
    const reading = await read(terminal, reader.card, asking)
    // Taken from the reader: the PIN is forgotten. By then it may have been taken away.
    await reader.card.reset().catch(() => undefined)
    if (!reading.ok) throw reading.refusal
    const { serialNumber, token, evidence } = reading
    return { account: await accountOf(serialNumber), serialNumber, token, evidence }
  }
  return {
    isSomethingThere: () => reader.present,
    read: (asking) => {
      const turn = last.then(() => tap(asking))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
