/** One entry of a journal: who did what to what, and how it ended. Neither a secret nor anything personal stands in it. */
import { hash } from 'node:crypto'
import type { ActorName, RefusalCode } from '@mobile-jpki/refusal'

/** Who asks for an act, and by which request. */
export interface Caller {
  readonly actor: ActorName
  readonly request?: string | undefined
}

export type Detail = Readonly<Record<string, string | number>>

/** What an act says of itself. `Name` is the list of an actor's acts. */
export interface Act<Name extends string = string> {
  readonly by: Caller
  readonly act: Name
  /** What it is about, named so that it can be found again: a certificate, an order, a person's identifier, a list, a key. */
  readonly subject: string
  readonly detail?: Detail
  /** 'done' if not said. */
  readonly outcome?: RefusalCode
}

/** An entry as it is kept: every column is text. */
export interface Entry {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly request: string | null
  readonly act: string
  readonly subject: string
  readonly detail: string
  readonly outcome: string
}

export const entryOf = (id: string, at: Date, { by, act, subject, detail = {}, outcome }: Act): Entry => ({
  id,
  at: at.toISOString(),
  actor: by.actor,
  request: by.request ?? null,
  act,
  subject,
  detail: textOf(detail),
  outcome: outcome ?? 'done',
})

const textOf = (detail: Detail): string => {
  const names = Object.keys(detail)
  if (names.length === 0) return '{}'
  return JSON.stringify(Object.fromEntries(names.sort().map((name) => [name, detail[name]])))
}

/** What a chain takes in: a JSON array of the columns in this order, as RFC 8785 writes it. */
export const canonical = ({ id, at, actor, request, act, subject, detail, outcome }: Entry): string =>
  JSON.stringify([id, at, actor, request, act, subject, detail, outcome])

export function entryIn(text: string): Entry {
  const [id, at, actor, request, act, subject, detail, outcome] = JSON.parse(text)
  return { id, at, actor, request, act, subject, detail, outcome }
}

const genesis = 'mobile-jpki/journal/1'

/** Hash 0: a chain belongs to one journal. */
export const beginningOf = (journal: string): Uint8Array =>
  new Uint8Array(hash('sha256', `${genesis} ${journal}`, 'buffer'))

/** Hash n = SHA-256(hash n−1 ‖ n in eight octets ‖ canonical entry in UTF-8). */
export function linked(previous: Uint8Array, position: number, text: string): Uint8Array {
  const octets = Buffer.allocUnsafe(40 + Buffer.byteLength(text))
  octets.set(previous, 0)
  octets.writeBigInt64BE(BigInt(position), 32)
  octets.write(text, 40)
  return new Uint8Array(hash('sha256', octets, 'buffer'))
}
