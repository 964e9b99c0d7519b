/** One run of a stage with one agent, and the order that it comes to at any moment. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Order } from './contract.ts'
import { Abandoned, type Element, link } from './element.ts'

export type Outcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'stop'; readonly trouble: Refusal }
  | { readonly outcome: 'visit'; readonly url: string; readonly sessionId: string }

/**
 * Looks at the card first, then does what is missing: it is begun again after every break. A thrown Refusal stops the agent
 * and is shown to the user. The run that another one replaces is waited for: let go on `element.signal`, or wait by `element.until`.
 */
export type Stage = (element: Element) => Promise<Outcome>

export interface Beginning {
  readonly seId: string
  readonly stage: Stage
  /** The run that this one replaces, if any: two runs never overlap. */
  readonly after: Promise<void>
  readonly numbered: () => number
  readonly silenceMilliseconds: number
  readonly onSilence: () => void
  readonly onFault: (error: unknown) => void
}

export interface Report {
  readonly batch: number
  readonly responses: readonly Uint8Array[]
  readonly cardAbsent?: boolean | undefined
}

export interface Conversation {
  /** Resolves when the stage has come to its end or has let go. */
  readonly ended: Promise<void>
  /** Takes the report of the batch under way; that of an earlier one is a repetition. */
  take(report: Report | undefined): void
  /** The next order, or `wait` when there is none within that time. */
  next(pollMilliseconds: number, signal: AbortSignal): Promise<Order>
  abandon(reason: Abandoned): void
}

export function converse({
  seId,
  stage,
  after,
  numbered,
  silenceMilliseconds,
  onSilence,
  onFault,
}: Beginning): Conversation {
  const ending = new AbortController()
  const { signal } = ending
  let last: Order | undefined
  let change = Promise.withResolvers<void>()
  const changed = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  const toCard = link(seId, signal, numbered, changed)
  signal.addEventListener('abort', changed, { once: true })
  const order = () => toCard.pending() ?? last

  const silent = () => {
    ending.abort(new Abandoned('the agent is silent'))
    onSilence()
  }
  let silence: NodeJS.Timeout | undefined
  const heard = () => {
    clearTimeout(silence)
    silence = setTimeout(silent, silenceMilliseconds).unref()
  }
  heard()

  const run = async () => {
    await after
    if (signal.aborted) return
    last = await stage(toCard.element).then(orderOf, (error) => orderAfter(error, onFault))
    changed()
  }

  return {
    ended: run(),
    abandon: (reason) => {
      clearTimeout(silence)
      ending.abort(reason)
    },
    take: (report) => {
      heard()
      if (report === undefined || report.batch !== toCard.pending()?.batch) return
      if (report.cardAbsent === true) toCard.fail(new Refusal('card.absent'))
      else toCard.answer(report.responses)
    },
    next: async (pollMilliseconds, hangUp) => {
      const lost = Promise.withResolvers<void>()
      let patient = true
      const giveUp = () => {
        patient = false
        lost.resolve()
      }
      const timer = setTimeout(giveUp, pollMilliseconds)
      hangUp.addEventListener('abort', giveUp, { once: true })
      try {
        for (;;) {
          const now = order()
          if (now !== undefined) return now
          if (!patient || hangUp.aborted || signal.aborted) return { order: 'wait', milliseconds: 0 }
          await Promise.race([change.promise, lost.promise])
        }
      } finally {
        clearTimeout(timer)
        hangUp.removeEventListener('abort', giveUp)
      }
    },
  }
}

function orderOf(result: Outcome): Order {
  switch (result.outcome) {
    case 'done':
      return { order: 'stop' }
    case 'visit':
      return { order: 'visit', url: result.url, sessionId: result.sessionId }
    case 'stop':
      return refused(result.trouble)
  }
}

function orderAfter(error: unknown, onFault: (error: unknown) => void): Order | undefined {
  if (error instanceof Abandoned) return undefined
  if (error instanceof Refusal) return refused(error)
  onFault(error)
  return { order: 'stop', trouble: { code: 'internal', detail: 'The TSM failed; nothing is lost, try again.' } }
}

const refused = ({ code, message: detail }: Refusal): Order => ({ order: 'stop', trouble: { code, detail } })
