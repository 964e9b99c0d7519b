/**
 * One SMPP connection, either end: PDUs out of a stream, each response to its request, and a look now and then whether the other end
 * is still there. SMPP v3.4 §2.2, §2.4, §2.9, §4.11.
 */
import type { Socket } from 'node:net'
import {
  decodePdu,
  describePdu,
  encodePdu,
  type Pdu,
  type PduBody,
  type PduName,
  type PduNamed,
  SmppError,
  type SmppStatus,
  takeFrames,
} from '@mobile-jpki/ota'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { noTrace, type Step, type Trace } from '@mobile-jpki/trace'

export type Request = 'submitSm' | 'deliverSm' | 'bindTransceiver' | 'unbind' | 'enquireLink'
type ResponseTo<N extends Request> = PduNamed<`${N}Resp`>

/** What the answer to a request says: a status alone, or its body with it. */
export type Answer<N extends Request> =
  | { readonly status: Exclude<SmppStatus, 'ok'> }
  | ({ readonly status: 'ok' } & PduBody<`${N}Resp`>)

export type Answers = {
  readonly [N in Exclude<Request, 'enquireLink' | 'unbind'>]?: (request: PduNamed<N>) => Answer<N> | Promise<Answer<N>>
}

export interface Ends {
  readonly self: ActorName
  readonly peer: ActorName
}

export interface ConnectionOptions {
  readonly socket: Socket
  readonly ends: Ends
  /** A request that is not here is answered `incorrectBindStatus`. */
  readonly answers: Answers
  readonly trace?: Trace
  /** How long a response is waited for. */
  readonly responseMilliseconds?: number
  /** After so long without a PDU the other end is asked whether it is there. */
  readonly idleMilliseconds?: number
}

export interface SmppConnection {
  /** The response, whatever its status; refused with `peer.unreachable` when none comes. */
  request<N extends Request>(name: N, body: PduBody<N>, step?: Step): Promise<ResponseTo<N>>
  /** Says unbind and hangs up. */
  close(): Promise<void>
  /** Resolves when the connection is no more. */
  readonly ended: Promise<void>
}

/** Sequence numbers: 1 to 7FFFFFFF. §5.1.4. */
const lastSequence = 0x7fffffff

interface Waiting {
  readonly name: Request
  readonly settle: PromiseWithResolvers<Pdu>
}

export function smppConnection({
  socket,
  ends,
  answers,
  trace = noTrace,
  responseMilliseconds = 10_000,
  idleMilliseconds = 30_000,
}: ConnectionOptions): SmppConnection {
  const waiting = new Map<number, Waiting>()
  let sequence = 0
  let rest: Uint8Array = new Uint8Array()

  const write = (pdu: Pdu) => {
    if (!socket.destroyed) socket.write(encodePdu(pdu))
  }
  const lost = (why: string) =>
    new Refusal('peer.unreachable', `${ends.peer} does not answer by SMPP (${why}).`, { whose: ends.peer })

  const request: SmppConnection['request'] = async (name, body, step) => {
    if (socket.destroyed) throw lost('not connected')
    sequence = sequence === lastSequence ? 1 : sequence + 1
    const own = sequence
    const pdu = { name, status: 'ok', sequence: own, ...body } as Pdu
    const settle = Promise.withResolvers<Pdu>()
    waiting.set(own, { name, settle })
    const timer = setTimeout(() => settle.reject(lost('no response')), responseMilliseconds)
    const start = performance.now()
    const at = new Date()
    write(pdu)
    try {
      const response = await settle.promise
      record(trace, ends, { at, milliseconds: performance.now() - start, pdu, response, step })
      return response as ResponseTo<typeof name>
    } finally {
      clearTimeout(timer)
      waiting.delete(own)
    }
  }

  const answerTo = async (pdu: Pdu): Promise<Pdu> => {
    const { sequence: own } = pdu
    if (pdu.name === 'enquireLink') return { name: 'enquireLinkResp', status: 'ok', sequence: own }
    if (pdu.name === 'unbind') return { name: 'unbindResp', status: 'ok', sequence: own }
    const name = `${pdu.name}Resp` as PduName
    const answering = (answers as Readonly<Record<string, (request: Pdu) => unknown>>)[pdu.name]
    if (answering === undefined) return { name, status: 'incorrectBindStatus', sequence: own } as Pdu
    return { name, sequence: own, ...((await answering(pdu)) as object) } as Pdu
  }

  const take = async (pdu: Pdu): Promise<void> => {
    const awaited = waiting.get(pdu.sequence)
    if (pdu.name === 'genericNack') awaited?.settle.resolve({ ...pdu, name: `${awaited.name}Resp` } as Pdu)
    else if (pdu.name.endsWith('Resp')) {
      if (pdu.name === `${awaited?.name}Resp`) awaited?.settle.resolve(pdu)
    } else {
      write(await answerTo(pdu).catch((): Pdu => failedOf(pdu)))
      if (pdu.name === 'unbind') socket.end()
    }
  }

  /** What cannot be read is answered; after a wrong length nothing that follows can be. §4.3. */
  const refuse = (error: unknown) => {
    if (!(error instanceof SmppError)) throw error
    write({ name: 'genericNack', status: error.status, sequence: error.sequence })
    if (error.status === 'invalidCommandLength') socket.destroy()
  }

  socket.on('data', (chunk: Uint8Array) => {
    idle.refresh()
    try {
      const taken = takeFrames(rest, chunk)
      rest = taken.rest
      for (const frame of taken.frames) {
        try {
          void take(decodePdu(frame))
        } catch (error) {
          refuse(error)
        }
      }
    } catch (error) {
      refuse(error)
    }
  })

  const look = async () => {
    try {
      await request('enquireLink', {})
      idle.refresh()
    } catch {
      socket.destroy()
    }
  }
  const idle = setTimeout(() => void look(), idleMilliseconds).unref()

  const { promise: ended, resolve } = Promise.withResolvers<void>()
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearTimeout(idle)
    for (const { settle } of waiting.values()) settle.reject(lost('the connection broke'))
    resolve()
  })

  return {
    request,
    ended,
    close: async () => {
      if (!socket.destroyed) await request('unbind', {}).catch(() => undefined)
      socket.destroy()
      await ended
    },
  }
}

/** A request that failed by a fault of ours. */
const failedOf = ({ name, sequence }: Pdu): Pdu => ({ name: `${name}Resp`, status: 'systemError', sequence }) as Pdu

interface Exchange {
  readonly at: Date
  readonly milliseconds: number
  readonly pdu: Pdu
  readonly response: Pdu
  readonly step: Step | undefined
}

/** Binding shows a password, and looking whether somebody is there says nothing. */
const untold: ReadonlySet<PduName> = new Set<PduName>(['bindTransceiver', 'enquireLink', 'unbind'])

function record(trace: Trace, { self, peer }: Ends, { at, milliseconds, pdu, response, step }: Exchange): void {
  if (trace === noTrace || untold.has(pdu.name)) return
  const raw = encodePdu(pdu)
  const { status } = response
  const decoded = { request: describePdu(pdu), reply: describePdu(response) }
  const octets = raw.length + encodePdu(response).length
  const what = wireNames[pdu.name] ?? pdu.name
  trace.record({ at, step, from: self, to: peer, what, octets, raw, decoded, milliseconds, ok: status === 'ok' })
}

const wireNames: Partial<Record<PduName, string>> = { submitSm: 'submit_sm', deliverSm: 'deliver_sm' }
