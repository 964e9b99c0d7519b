/** A reader at a counter: one tap at a time, its proof judged by the terminal, and the account to which the certificate leads. */
import { type Jpki, refusalOfLogin } from '@mobile-jpki/relying-party'
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
  /** Knows the person behind a certificate and all its renewals. */
  readonly library: Pick<Jpki, 'accountOf'>
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

export function counterOf({ reader, terminal, library }: CounterParts): Counter {
  let last: Promise<unknown> = Promise.resolve()
  const tap = async (asking: Asking): Promise<Tapped> => {
    await reader.card.reset()
    const reading = await read(terminal, reader.card, asking)
    // Taken from the reader: the PIN is forgotten. By then it may have been taken away.
    await reader.card.reset().catch(() => undefined)
    if (!reading.ok) throw reading.refusal
    const { serialNumber, token, evidence } = reading
    const whose = await library.accountOf(serialNumber)
    if (whose.state !== 'known') throw refusalOfLogin(whose)
    return { account: whose.account, serialNumber, token, evidence }
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
