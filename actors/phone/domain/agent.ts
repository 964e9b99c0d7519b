/**
 * TSM proxy agent (TSMプロキシエージェント): carries C-APDUs from a TSM to the SIM and R-APDUs back, and cannot read either.
 * GlobalPlatform SERAM (foundation/seram).
 *
 *   idle ──start──▶ working ⇄ waiting ──stop──▶ done | failed          `visit` pushes another TSM, its `stop` pops it
 */
import { Refusal } from '@mobile-jpki/refusal'
import {
  isBreak,
  type Leave,
  type List,
  mayPass,
  restAfter,
  serve,
  type Trouble,
  troubleOf,
  type Visit,
  type VisitWorld,
  type Watch,
} from './visit.ts'

/** What the agent must remember to go on after the phone was switched off. The last of the list is the present one. */
export interface Visits {
  load(): Promise<readonly Visit[]>
  save(visits: readonly Visit[]): Promise<void>
}

export interface AgentWorld extends VisitWorld {
  readonly visits: Visits
  /** Resolves early when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

export interface AgentState {
  readonly state: 'idle' | 'working' | 'waiting' | 'done' | 'failed'
  readonly apdus: number
  readonly octets: number
  readonly list?: List
  readonly trouble?: Trouble
}

export interface Agent {
  readonly state: AgentState
  start(visit: Visit): Promise<void>
  /** Goes on with what was remembered, if anything. */
  resume(): Promise<void>
  stop(): Promise<void>
}

/** So often a TSM may stop the agent with trouble before that is the end. */
const mostSetbacks = 10

export function agent(world: AgentWorld): Agent {
  let state: AgentState = { state: 'idle', apdus: 0, octets: 0 }
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined

  const become = (now: AgentState['state'], trouble?: Trouble) => {
    const { trouble: _, ...rest } = state
    state = { ...rest, state: now, ...(trouble && { trouble }) }
  }

  const watching = (signal: AbortSignal): Watch => ({
    begins: (list) => {
      state = { ...state, list: { ...list, carried: 0 } }
    },
    carried: (octets, ofCommand) => {
      const { list } = state
      state = {
        ...state,
        apdus: state.apdus + 1,
        octets: state.octets + octets,
        ...(list && { list: { ...list, carried: list.carried + ofCommand } }),
      }
    },
    rest: async (milliseconds, trouble) => {
      become('waiting', trouble)
      await world.pause(milliseconds, signal)
      signal.throwIfAborted()
      become('working')
    },
  })

  async function run(signal: AbortSignal) {
    const watch = watching(signal)
    let breaks = 0
    let setbacks = 0
    let visits = await world.visits.load()
    while (visits.length > 0) {
      const present = visits.at(-1) as Visit
      const order = await serve(world, present, watch, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        return afterFailure(error, visits.length === 1)
      })
      if (order.order === 'again') {
        await watch.rest(restAfter(breaks++), order.trouble)
        continue
      }
      breaks = 0
      const trouble = order.order === 'stop' ? order.trouble : undefined
      if (trouble !== undefined) setbacks += 1
      visits = nextVisits(visits, order, setbacks < mostSetbacks)
      await world.visits.save(visits)
      if (visits.length === 0) return become(trouble === undefined ? 'done' : 'failed', trouble)
      if (trouble !== undefined) await watch.rest(restAfter(setbacks), trouble)
    }
  }

  const begin = () => {
    const abort = new AbortController()
    become('working')
    const ended = run(abort.signal).catch(async (error: unknown) => {
      if (abort.signal.aborted) return become('idle')
      await world.visits.save([]).catch(() => undefined)
      const failed = new Refusal('peer.failed', 'The agent failed.', { cause: error })
      become('failed', troubleOf(error instanceof Refusal ? error : failed))
    })
    running = { abort, ended }
  }

  const stop = async () => {
    running?.abort.abort()
    await running?.ended
    running = undefined
  }

  let turn: Promise<unknown> = Promise.resolve()
  /** Starting and stopping happen one after the other: there is one agent. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  return {
    get state() {
      return state
    },
    start: (visit) =>
      inTurn(async () => {
        await stop()
        state = { state: 'idle', apdus: 0, octets: 0 }
        await world.visits.save([visit])
        begin()
      }),
    resume: () =>
      inTurn(async () => {
        if (running === undefined && (await world.visits.load()).length > 0) begin()
      }),
    stop: () => inTurn(stop),
  }
}

/** Trouble at a visited TSM is a matter for the one that sent us there. */
function afterFailure(error: unknown, isLast: boolean): Leave | { readonly order: 'again'; readonly trouble: Trouble } {
  if (isBreak(error)) return { order: 'again', trouble: troubleOf(error) }
  if (!(error instanceof Refusal) || isLast) throw error
  return { order: 'stop', trouble: troubleOf(error) }
}

/** Where the agent reports next, after that order; nowhere when it is over. */
function nextVisits(visits: readonly Visit[], order: Leave, mayGoOn: boolean): readonly Visit[] {
  if (order.order === 'visit') return [...visits, { url: order.url, sessionId: order.sessionId, tsm: 'mno-tsm' }]
  if (order.trouble === undefined) return visits.slice(0, -1)
  if (!mayGoOn) return []
  if (visits.length > 1) return visits.slice(0, -1)
  return mayPass(order.trouble) ? visits : []
}
