/** The secure element as a stage sees it: commands go in, responses come out, whatever the network does between. */
import type { KeyEncryption } from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { Order } from './contract.ts'

export type Run = Extract<Order, { order: 'run' }>
/** ⑮ in a carrier's TSM, ⑱ in SP-TSM. */
export type AgentStep = Run['step']

export interface Instruction {
  /** The command's name, which the agent's trace shows: never a value. */
  readonly what: string
  readonly apdu: CommandApdu
}

/** A declared command with its parameters, under its name. */
export const instruct = <P>(
  command: { readonly name: string; toApdu(params: P): CommandApdu },
  params: NoInfer<P>,
): Instruction => ({ what: command.name, apdu: command.toApdu(params) })

export interface Element {
  readonly seId: string
  /** Aborted when this run of the stage is over: the agent began again, or went silent. */
  readonly signal: AbortSignal
  /**
   * One batch. The agent stops behind the first response that is neither normal nor a warning, so that there may be fewer
   * responses than commands. Rejects when the run of the stage is over.
   */
  send(batch: readonly Instruction[], step: AgentStep): Promise<readonly ResponseApdu[]>
  /** Of a bearer that speaks for a security domain by itself: a channel to it is opened by nothing, and secrets go under this key. */
  readonly trust?: { readonly domain: Uint8Array; readonly keyEncryption: KeyEncryption }
  /** Waits for something that happens elsewhere, as long as this run of the stage lasts; the agent is kept waiting meanwhile. */
  until<T>(happens: Promise<T>): Promise<T>
}

/** A run of a stage is over before its end. Nothing went wrong: the next handshake begins it again. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

/** Both ends of an element: the stage's, and the one that the agent's reports come in by. */
export interface Link {
  readonly element: Element
  pending(): Run | undefined
  /** The agent's report of the pending batch. */
  answer(responses: readonly Uint8Array[]): void
  fail(reason: Error): void
}

/** `numbered` gives each batch its number; `changed` is called whenever there is something new for the agent. */
export function link(seId: string, signal: AbortSignal, numbered: () => number, changed: () => void): Link {
  let pending: { readonly run: Run; readonly settle: PromiseWithResolvers<readonly ResponseApdu[]> } | undefined

  const fail = (reason: Error) => {
    pending?.settle.reject(reason)
    pending = undefined
  }
  const over = () => signal.reason as Error
  signal.addEventListener('abort', () => fail(over()), { once: true })

  const until = <T>(happens: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(over())
      const leave = () => reject(over())
      signal.addEventListener('abort', leave, { once: true })
      void happens.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })

  const send = (batch: readonly Instruction[], step: AgentStep) => {
    if (signal.aborted) return Promise.reject(over())
    if (pending !== undefined) return Promise.reject(new Error('a stage sends one batch at a time'))
    if (batch.length === 0) return Promise.resolve([])
    const commands = batch.map(({ apdu }) => encodeCommandApdu(apdu))
    const run: Run = { order: 'run', batch: numbered(), step, commands, what: batch.map(({ what }) => what) }
    pending = { run, settle: Promise.withResolvers() }
    changed()
    return pending.settle.promise
  }

  return {
    element: { seId, signal, send, until },
    pending: () => pending?.run,
    answer: (responses) => {
      if (pending === undefined) return
      const { run, settle } = pending
      const parsed = responses.map(parseResponseApdu)
      if (parsed.length === 0 || parsed.length > run.commands.length)
        throw new Refusal('request.malformed', `${parsed.length} responses to ${run.commands.length} commands`)
      pending = undefined
      settle.resolve(parsed)
    },
    fail,
  }
}
