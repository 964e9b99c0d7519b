/**
 * Idempotency keys, draft-ietf-httpapi-idempotency-key-header-07. A caller names an act by a key of its own; whoever sends the same
 * request under the same key again, because the answer was lost, is given that answer, and the act is not done twice. The answer is
 * kept in the act's own transaction, so there is no moment at which one is there without the other.
 */
import { createHash } from 'node:crypto'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'

/** How long an answer is kept (§2.3 of the draft asks a server to say so). */
export const keptFor = 24 * 3_600_000

export interface KeyedRequest {
  readonly caller: ActorName | 'public'
  readonly key: string
  /** SHA-256 over endpoint and message, in hex. */
  readonly fingerprint: string
}

export interface KeptAnswer extends KeyedRequest {
  /** The reply in its wire form. */
  readonly text: string
}

/**
 * Where an actor's store finds the answers that its acts kept. Keeping is the act's: its transaction writes the KeptAnswer that
 * `Context.keep` makes, and fails as a whole when there is one under the same caller and key.
 */
export interface Answers {
  find(caller: ActorName | 'public', key: string): Promise<KeptAnswer | undefined>
}

/** A String of RFC 8941 §3.3.3. One to 64 characters are enough for a UUID and a prefix of the caller's. */
const keyForm = /^"([\x21\x23-\x5b\x5d-\x7e]{1,64})"$/

export function keyedRequestOf(
  header: string | readonly string[] | undefined,
  { caller, endpoint, message }: { caller: ActorName | 'public'; endpoint: string; message: unknown },
): KeyedRequest | undefined {
  if (header === undefined) return undefined
  const key = typeof header === 'string' ? keyForm.exec(header.trim())?.[1] : undefined
  if (key === undefined)
    throw new Refusal(
      'request.malformed',
      'Idempotency-Key: must be 1 to 64 visible ASCII characters in double quotes, such as a UUID.',
    )
  const fingerprint = createHash('sha256')
    .update(`${endpoint}\n${JSON.stringify(sorted(message))}`)
    .digest('hex')
  return { caller, key, fingerprint }
}

/** The order of the fields of a JSON object means nothing (RFC 8259 §4). */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => [name, sorted(field)])
}

const turns = new WeakMap<Answers, Map<string, Promise<unknown>>>()

/**
 * The kept answer, or that of `work`. Two at a time under one key go one after the other: within a process here, across processes at the
 * unique key of the store, whose loser finds the winner's answer. A refusal changed nothing and is not kept: it may be asked again.
 */
export async function once(
  answers: Answers,
  asked: KeyedRequest,
  work: () => Promise<string>,
): Promise<{ readonly text: string; readonly replayed: boolean }> {
  const kept = async () => {
    const found = await answers.find(asked.caller, asked.key)
    if (found !== undefined && found.fingerprint !== asked.fingerprint) throw new Refusal('request.key-reused')
    return found && { text: found.text, replayed: true }
  }
  return inTurn(turnsOf(answers), `${asked.caller} ${asked.key}`, async () => {
    const before = await kept()
    if (before !== undefined) return before
    try {
      return { text: await work(), replayed: false }
    } catch (error) {
      const meanwhile = await kept()
      if (meanwhile !== undefined) return meanwhile
      throw error
    }
  })
}

function turnsOf(answers: Answers): Map<string, Promise<unknown>> {
  const known = turns.get(answers) ?? new Map()
  turns.set(answers, known)
  return known
}

async function inTurn<T>(waiting: Map<string, Promise<unknown>>, name: string, work: () => Promise<T>): Promise<T> {
  const turn = (waiting.get(name) ?? Promise.resolve()).then(work, work)
  waiting.set(name, turn)
  try {
    return await turn
  } finally {
    if (waiting.get(name) === turn) waiting.delete(name)
  }
}
