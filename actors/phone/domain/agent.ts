/**
 * TSM proxy agent (TSMプロキシエージェント): carries C-APDUs from a TSM to the SIM and R-APDUs back, and cannot read either.
 * GlobalPlatform SERAM (foundation/seram): handshake, then report and order in turn.
 *
 *   idle ──start──▶ working ⇄ waiting ──stop──▶ done | failed          `visit` pushes another TSM, its `stop` pops it
 */
import { isNormalOrWarning, parseResponseApdu } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { Order } from '@mobile-jpki/seram/contract'
import type { Trace } from '@mobile-jpki/trace'
import type { Channel, Slot } from './slot.ts'

/** A TSM to report to, and the session it knows us by. The last of a list is the present one. */
export interface Visit {
  readonly url: string
  readonly sessionId: string
  /** Whose certificate the server there must show. */
  readonly tsm: 'sp-tsm' | 'mno-tsm'
}

/** What the agent must remember to go on after the phone was switched off. */
export interface Visits {
  load(): Promise<readonly Visit[]>
  save(visits: readonly Visit[]): Promise<void>
}

/** A TSM as the agent sees it. */
export interface Tsm {
  handshake(visit: Visit, iccid: string): Promise<void>
  report(
    visit: Visit,
    report?: { readonly batch: number; readonly responses: Uint8Array[]; readonly cardAbsent?: boolean },
  ): Promise<Order>
}

export interface AgentWorld {
  readonly slot: Slot
  readonly iccid: () => Promise<string>
  readonly tsm: Tsm
  readonly visits: Visits
  readonly now: () => Date
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly trace: Trace
}

export interface AgentState {
  readonly state: 'idle' | 'working' | 'waiting' | 'done' | 'failed'
  readonly apdus: number
  readonly octets: number
  readonly trouble?: { readonly code: string; readonly detail: string }
}

export interface Agent {
  readonly state: AgentState
  start(visit: Visit): Promise<void>
  /** Goes on with what was remembered, if anything. */
  resume(): Promise<void>
  stop(): Promise<void>
}

/** While a TSM cannot be reached the agent tries again, less and less often. */
const firstRetry = 200
const longestRetry = 5000

export function agent(world: AgentWorld): Agent {
  let state: AgentState = { state: 'idle', apdus: 0, octets: 0 }
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined

  const become = (now: AgentState['state'], trouble?: AgentState['trouble']) => {
    const { apdus, octets } = state
    state = { state: now, apdus, octets, ...(trouble && { trouble }) }
  }

  async function runBatch(channel: Channel, order: Extract<Order, { order: 'run' }>, from: 'sp-tsm' | 'mno-tsm') {
    const responses: Uint8Array[] = []
    for (const [index, command] of order.commands.entries()) {
      const at = world.now()
      const start = performance.now()
      const response = await channel.transmit(command)
      responses.push(response)
      state = { ...state, apdus: state.apdus + 1, octets: state.octets + command.length + response.length }
      const { sw } = parseResponseApdu(response)
      world.trace.record({
        at,
        step: order.step,
        from,
        to: order.step === '⑱' ? 'jpki-applet' : 'sim',
        what: order.what[index] ?? 'APDU',
        octets: command.length + response.length,
        raw: command,
        decoded: { status: sw.toString(16).padStart(4, '0').toUpperCase() },
        milliseconds: performance.now() - start,
        ok: isNormalOrWarning(sw),
      })
      if (!isNormalOrWarning(sw)) break
    }
    return responses
  }

  /** One TSM, from handshake to the order that ends it or leads elsewhere. */
  async function serve(visit: Visit, signal: AbortSignal) {
    await world.tsm.handshake(visit, await world.iccid())
    const channel = await world.slot.open('logical')
    try {
      let report: Parameters<Tsm['report']>[1]
      for (;;) {
        signal.throwIfAborted()
        const order = await world.tsm.report(visit, report)
        report = undefined
        if (order.order === 'visit' || order.order === 'stop') return order
        if (order.order === 'wait') {
          become('waiting')
          await world.pause(order.milliseconds, signal)
          become('working')
          continue
        }
        const responses = await runBatch(channel, order, visit.tsm)
        report = { batch: order.batch, responses }
      }
    } finally {
      await channel.close().catch(() => undefined)
    }
  }

  async function run(signal: AbortSignal) {
    let retry = firstRetry
    let visits = await world.visits.load()
    while (visits.length > 0) {
      const visit = visits.at(-1) as Visit
      try {
        const order = await serve(visit, signal)
        retry = firstRetry
        visits =
          order.order === 'visit'
            ? [...visits, { url: order.url, sessionId: order.sessionId, tsm: 'mno-tsm' as const }]
            : visits.slice(0, -1)
        await world.visits.save(visits)
        // What went wrong at a visited TSM is told by the one that sent us there.
        if (order.order === 'stop' && visits.length === 0)
          return become(order.trouble === undefined ? 'done' : 'failed', order.trouble)
      } catch (error) {
        signal.throwIfAborted()
        if (!isPassing(error)) {
          await world.visits.save([])
          throw error
        }
        become('waiting', { code: error.code, detail: error.message })
        await world.pause(retry, signal)
        retry = Math.min(retry * 2, longestRetry)
        become('working')
      }
    }
  }

  const begin = () => {
    const abort = new AbortController()
    become('working')
    const ended = run(abort.signal).catch((error: unknown) => {
      if (abort.signal.aborted) return become('idle')
      const refusal =
        error instanceof Refusal ? error : new Refusal('peer.failed', 'The agent failed.', { cause: error })
      become('failed', { code: refusal.code, detail: refusal.message })
    })
    running = { abort, ended }
  }

  const stop = async () => {
    running?.abort.abort()
    await running?.ended
    running = undefined
  }

  return {
    get state() {
      return state
    },
    start: async (visit) => {
      await stop()
      state = { state: 'idle', apdus: 0, octets: 0 }
      await world.visits.save([visit])
      begin()
    },
    resume: async () => {
      if ((await world.visits.load()).length > 0) begin()
    },
    stop,
  }
}

/** A TSM that restarts or has forgotten the conversation, a network that is away, a card that is reset: all of it passes. */
const isPassing = (error: unknown): error is Refusal =>
  error instanceof Refusal &&
  ['peer.unreachable', 'peer.failed', 'card.absent', 'store.busy', 'conditions.not-satisfied'].includes(error.code)
