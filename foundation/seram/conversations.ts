/**
 * The TSM's side of SERAM: a stage is an ordinary function that sends batches to the card and waits for their responses;
 * the agent's polling is turned into that.
 *
 *   handshake ──▶ stage runs ──send──▶ run ──report──▶ … ──▶ stop | visit        the first order comes with the handshake's reply
 *       ▲             │ waits elsewhere: wait                    │
 *       └─────────────┴──── another handshake: begun again ◀─────┘
 *
 * What the agent is told follows from where the stage is, never from what was told before: a report that comes twice, or
 * whose reply was lost, gets the same order again. Conversations live in memory; what must last, the stage keeps.
 */
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import { handshake, remoteManagement } from './contract.ts'
import { type Conversation, converse, type Stage } from './conversation.ts'
import { Abandoned } from './element.ts'

export interface Session {
  /** The SIM that was named for it: no other one is written to. */
  readonly seId: string
  readonly stage: Stage
}

export interface ConversationsWorld {
  /** What is to be done under that session now; nothing has been begun when this answers. */
  readonly find: (sessionId: string) => Promise<Session | undefined>
  /** How long a report is kept before it is answered by `wait`. */
  readonly pollMilliseconds?: number
  /** How long the agent may be silent before the conversation is forgotten. */
  readonly silenceMilliseconds?: number
  /** A stage failed by a fault of our own: the agent is told no more than that. */
  readonly onFault?: (error: unknown) => void
}

export interface Conversations {
  readonly routes: readonly Route[]
  /** The session is over: its stage is abandoned. Resolves when that has let go. */
  end(sessionId: string): Promise<void>
  /** Abandons every stage and waits until all have let go. */
  close(): Promise<void>
}

export function conversations(world: ConversationsWorld): Conversations {
  const { find, pollMilliseconds = 45_000, silenceMilliseconds = 600_000, onFault = () => {} } = world
  const underWay = new Map<string, Conversation>()
  let lastBatch = 0

  const begin = (sessionId: string, { seId, stage }: Session) => {
    const previous = underWay.get(sessionId)
    previous?.abandon(new Abandoned('the agent began again'))
    const conversation = converse({
      seId,
      stage,
      after: previous?.ended ?? Promise.resolve(),
      numbered: () => ++lastBatch,
      silenceMilliseconds,
      onSilence: () => {
        if (underWay.get(sessionId) === conversation) underWay.delete(sessionId)
      },
      onFault,
    })
    underWay.set(sessionId, conversation)
    return conversation
  }

  const routes = [
    serve(handshake, async ({ sessionId, secureElements }, { signal }) => {
      const session = await find(sessionId)
      if (session === undefined) throw new Refusal('reference.not-found')
      if (!secureElements.some(({ seId }) => seId === session.seId)) throw new Refusal('sim.not-the-named-one')
      const conversation = begin(sessionId, session)
      return { version: '2.0' as const, seId: session.seId, next: await conversation.next(pollMilliseconds, signal) }
    }),

    serve(remoteManagement, async ({ sessionId, report }, { signal }) => {
      const conversation = underWay.get(sessionId)
      if (conversation === undefined) {
        if ((await find(sessionId)) === undefined) throw new Refusal('reference.not-found')
        throw new Refusal('conditions.not-satisfied', 'No conversation is under way: begin with a handshake.')
      }
      conversation.take(report)
      return { next: await conversation.next(pollMilliseconds, signal) }
    }),
  ]

  return {
    routes,
    end: async (sessionId) => {
      const conversation = underWay.get(sessionId)
      underWay.delete(sessionId)
      conversation?.abandon(new Abandoned('the session is over'))
      await conversation?.ended
    },
    close: async () => {
      const all = [...underWay.values()]
      underWay.clear()
      for (const conversation of all) conversation.abandon(new Abandoned('the TSM closes'))
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}
