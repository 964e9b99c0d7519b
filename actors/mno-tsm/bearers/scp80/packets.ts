/**
 * One command packet and its proof of receipt, over a network that loses, doubles, delays and reorders. ETSI TS 102 225 §5, 3GPP TS 31.115.
 *
 * The same packet may be sent again and again: its counter lets the SIM run it once. When the SIM says that it has seen it and the
 * proof does not come, what it answered is lost for good.
 */
import {
  type CommandHeader,
  commandPacketElement,
  describeResponseStatus,
  hasElement,
  type JoinLimits,
  join,
  type Pending,
  responsePacketElement,
  split,
  type UserData,
} from '@mobile-jpki/ota'
import { type OpenedResponse, openResponse, ProofError, secureCommand } from '@mobile-jpki/ota/scp80'
import { Refusal } from '@mobile-jpki/refusal'
import type { AgentStep } from '@mobile-jpki/seram'
import type { AirSim, AirWorld } from '../world.ts'

export interface PacketsWorld extends Pick<AirWorld, 'shortMessages' | 'patience'> {
  /** Kept for good before it is used. */
  readonly nextCounter: (iccid: string) => Promise<number>
}

export interface Packets {
  /** The response data; `lost` when the SIM has run it and its answer did not arrive. */
  exchange(header: CommandHeader, data: Uint8Array, step: AgentStep): Promise<Uint8Array | 'lost'>
  close(): void
}

/** What the responses of one SIM may take: a message of 255 parts, and a few that are never completed. */
const limits: JoinLimits = { messages: 8, parts: 255 }

export function packetsTo(world: PacketsWorld, sim: AirSim, signal: AbortSignal): Packets {
  const { shortMessages, patience, nextCounter } = world
  let incomplete: readonly Pending[] = []
  let take: (packet: Uint8Array) => void = () => {}

  const stopListening = shortMessages.listen(sim.msisdn, (userData) => {
    const { pending, whole } = join(incomplete, sim.msisdn, userData, limits)
    incomplete = pending
    if (whole !== undefined && hasElement(whole, responsePacketElement)) take(whole.data)
  })

  const submit = async (parts: readonly UserData[], validSeconds: number, step: AgentStep) => {
    for (const userData of parts) await shortMessages.submit({ to: sim.msisdn, userData, validSeconds, step })
  }

  const exchange: Packets['exchange'] = async (header, data, step) => {
    const counter = await nextCounter(sim.iccid)
    const packet = secureCommand({ ...header, counter, data }, sim.keys)
    const parts = split(commandPacketElement, packet, counter)
    const heard = hearing({ ...header, counter }, sim)
    take = heard.take
    for (let attempt = 0; attempt < patience.tries; attempt++) {
      const milliseconds = patience.answerMilliseconds * 2 ** attempt
      await submit(turned(parts, attempt), Math.ceil(milliseconds / 1000) + 1, step)
      const answer = await heard.within(milliseconds, signal)
      if (answer !== 'nothing') return answer
      if (heard.wasOld()) return 'lost'
    }
    const said = heard.unsecured()
    throw new Refusal(
      'card.absent',
      said === undefined
        ? 'The SIM does not answer short messages.'
        : `The SIM does not answer short messages, and somebody said in its name: ${describeResponseStatus(said)}`,
      { whose: 'phone' },
    )
  }

  return { exchange, close: stopListening }
}

/** Another part first each time: what loses messages in a rhythm does not lose the same part for ever. */
const turned = <T>(parts: readonly T[], by: number): readonly T[] =>
  parts.map((_, at) => parts[(at + by) % parts.length] as T)

/** What comes back while one packet is out. */
function hearing(command: CommandHeader & { readonly counter: number }, { keys }: AirSim) {
  const answered = Promise.withResolvers<Uint8Array | Refusal>()
  let old = false
  let unsecured: OpenedResponse['status'] | undefined
  answered.promise.catch(() => undefined)

  const take = (packet: Uint8Array) => {
    const response = opened(packet, command, keys)
    if (response === undefined) return
    const { status, secured, data } = response
    if (status === 'ok') answered.resolve(data)
    else if (status === 'counterLow') old = true
    else if (!secured) unsecured = status
    else if (!isUnderWay.has(status))
      answered.resolve(new Refusal('card.refused', `The SIM: ${describeResponseStatus(status)}`, { whose: 'sim' }))
  }

  const within = async (milliseconds: number, signal: AbortSignal): Promise<Uint8Array | 'nothing'> => {
    const over = Promise.withResolvers<'nothing'>()
    const timer = setTimeout(over.resolve, milliseconds, 'nothing')
    const leave = () => over.reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    try {
      const answer = await Promise.race([answered.promise, over.promise])
      if (answer instanceof Refusal) throw answer
      return answer
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      over.promise.catch(() => undefined)
    }
  }

  return { take, within, wasOld: () => old, unsecured: () => unsecured }
}

/** The SIM works on it, or answers by another message. */
const isUnderWay: ReadonlySet<OpenedResponse['status']> = new Set(['moreTime', 'actualResponseBySubmit'])

/** Undefined for what is no answer to this command: of another one, late, or made by somebody on the way. */
function opened(
  packet: Uint8Array,
  command: CommandHeader & { readonly counter: number },
  keys: AirSim['keys'],
): OpenedResponse | undefined {
  try {
    const response = openResponse(packet, command, keys)
    return response.counter === command.counter || !response.secured ? response : undefined
  } catch (error) {
    if (error instanceof ProofError) return undefined
    throw error
  }
}
