/** The agent at one TSM: handshake, then report and order in turn, until the order that ends it or leads elsewhere. GlobalPlatform SERAM. */
import { isNormalOrWarning, parseResponseApdu } from '@mobile-jpki/iso7816'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Order } from '@mobile-jpki/seram/contract'
import type { Trace } from '@mobile-jpki/trace'
import type { Channel, Slot } from './slot.ts'

/** A TSM to report to, and the session it knows us by. */
export interface Visit {
  readonly url: string
  readonly sessionId: string
  /** Whose certificate the server there must show. */
  readonly tsm: 'sp-tsm' | 'mno-tsm'
}

export interface Report {
  readonly batch: number
  readonly responses: Uint8Array[]
}

/** A TSM as the agent sees it. */
export interface Tsm {
  /** Answers the first order, where the TSM gives it at once. */
  handshake(visit: Visit, iccid: string, signal: AbortSignal): Promise<Order | undefined>
  report(visit: Visit, report: Report | undefined, signal: AbortSignal): Promise<Order>
}

export interface VisitWorld {
  readonly slot: Slot
  readonly iccid: () => Promise<string>
  readonly tsm: Tsm
  readonly now: () => Date
  readonly trace: Trace
}

export interface Trouble {
  readonly code: string
  readonly detail: string
}

/** How far a TSM's list of commands is, in octets of commands. */
export interface List {
  readonly step: '⑮' | '⑱'
  readonly octets: number
  readonly carried: number
}

/** Whoever watches the agent hears of it here. */
export interface Watch {
  /** A list of commands comes in. */
  begins(list: Omit<List, 'carried'>): void
  carried(octets: number, ofCommand: number): void
  rest(milliseconds: number, trouble?: Trouble): Promise<void>
}

export type Leave = Exclude<Order, { order: 'run' | 'wait' }>
const isLeave = (order: Order): order is Leave => order.order === 'visit' || order.order === 'stop'

/** While a TSM cannot be reached the agent tries again, less and less often. */
export const restAfter = (tries: number): number => Math.min(200 * 2 ** tries, 5000)
/** So often a report whose answer was lost is sent again before the agent begins with a new handshake. */
const mostRepetitions = 5

export async function serve(world: VisitWorld, visit: Visit, watch: Watch, signal: AbortSignal): Promise<Leave> {
  let order = await world.tsm.handshake(visit, await world.iccid(), signal)
  if (order !== undefined && isLeave(order)) return order
  const channel = await world.slot.share()
  try {
    for (;;) {
      signal.throwIfAborted()
      let report: Report | undefined
      if (order?.order === 'wait') await watch.rest(order.milliseconds)
      else if (order !== undefined) report = await runBatch(world, channel, order, visit.tsm, watch)
      order = await reported(world, visit, report, watch, signal)
      if (isLeave(order)) return order
    }
  } finally {
    await channel.close().catch(() => undefined)
  }
}

/** A report comes to the same when it is repeated: an answer that was lost on its way is asked for again. */
async function reported(
  { tsm }: VisitWorld,
  visit: Visit,
  report: Report | undefined,
  watch: Watch,
  signal: AbortSignal,
): Promise<Order> {
  for (let repetition = 0; ; repetition++) {
    try {
      return await tsm.report(visit, report, signal)
    } catch (error) {
      signal.throwIfAborted()
      const isLost = error instanceof Refusal && error.code === 'peer.unreachable'
      if (!isLost || repetition === mostRepetitions) throw error
      await watch.rest(restAfter(repetition), troubleOf(error))
    }
  }
}

async function runBatch(
  { now, trace }: VisitWorld,
  channel: Channel,
  { batch, step, commands, what }: Extract<Order, { order: 'run' }>,
  from: Visit['tsm'],
  watch: Watch,
): Promise<Report> {
  const responses: Uint8Array[] = []
  watch.begins({ step, octets: commands.reduce((sum, { length }) => sum + length, 0) })
  for (const [index, command] of commands.entries()) {
    const at = now()
    const start = performance.now()
    const response = await channel.transmit(command)
    responses.push(response)
    const octets = command.length + response.length
    watch.carried(octets, command.length)
    const { sw } = parseResponseApdu(response)
    trace.record({
      at,
      step,
      from,
      to: step === '⑱' ? 'jpki-applet' : 'sim',
      what: what[index] ?? 'APDU',
      octets,
      raw: command,
      decoded: { status: sw.toString(16).padStart(4, '0').toUpperCase() },
      milliseconds: performance.now() - start,
      ok: isNormalOrWarning(sw),
    })
    if (!isNormalOrWarning(sw)) break
  }
  return { batch, responses }
}

export const troubleOf = ({ code, message: detail }: Refusal): Trouble => ({ code, detail })

const passing: ReadonlySet<RefusalCode> = new Set([
  'card.absent',
  'certificate.status-stale',
  'certificate.status-unknown',
  'peer.failed',
  'peer.unreachable',
  'rate.exceeded',
  'store.busy',
])

/** A TSM that could not do its part just now may do it later. */
export const mayPass = ({ code }: Pick<Trouble, 'code'>): boolean => (passing as ReadonlySet<string>).has(code)

/** A network that is away, a card that is reset or busy, a TSM that restarted and has forgotten the conversation. */
export const isBreak = (error: unknown): error is Refusal =>
  error instanceof Refusal && (mayPass(error) || error.code === 'conditions.not-satisfied')
