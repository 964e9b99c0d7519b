/**
 * A SIM by way of its carrier's TSM: an Element whose commands go through MNO-TSM's conversation and over its bearers. SP-TSM's secure
 * channel runs inside, so that what the carrier relays is ciphertext. System Messaging: BeginConversation, SendScript, EndConversation.
 */
import { encodeCommandApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { beginConversation, endConversation, sendScript } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { Abandoned, type Element } from '@mobile-jpki/seram'
import { call, type Peer } from '@mobile-jpki/service'

export type AirBearer = 'scp80' | 'scp81'

export interface ConversationWorld {
  /** MNO-TSM. */
  readonly peer: Peer
  readonly carrier: string
  readonly bearer: AirBearer
  readonly newId: () => string
  /** Between two tries to reach MNO-TSM; then twice as long, and so on. */
  readonly pauseMilliseconds?: number
  readonly tries?: number
}

export interface Conversed {
  readonly element: Element
  /** The carrier lets the SIM go. */
  end(): Promise<void>
}

export interface OfOrder {
  readonly orderId: string
  readonly iccid: string
}

/** MNO-TSM did not get it, or its answer did not come: the same function call may be asked again. */
const passing: ReadonlySet<RefusalCode> = new Set(['peer.unreachable', 'store.busy', 'rate.exceeded'])

/** The conversation is begun with the first command: until then the SIM is free for the carrier itself. */
export function conversationWith(
  world: ConversationWorld,
  { orderId, iccid }: OfOrder,
  signal: AbortSignal,
): Conversed {
  const { peer, carrier, bearer, newId } = world
  const base = (id: string) => ({ functionCall: { id }, carrier })
  let begun: Promise<string> | undefined
  let busy = false

  const begin = async (): Promise<string> => {
    const request = { ...base(newId()), orderId, bearer }
    return (await insisting(world, signal, () => call(peer, beginConversation, request, { signal }))).conversation
  }

  const script = async (commands: Uint8Array[], what: string[]): Promise<readonly Uint8Array[]> => {
    begun ??= begin()
    const conversation = await begun
    const request = { ...base(newId()), conversation, commands, what }
    for (;;) {
      const { state, responses } = await insisting(world, signal, () => call(peer, sendScript, request, { signal }))
      if (state === 'done') return responses
    }
  }

  const send: Element['send'] = async (batch): Promise<readonly ResponseApdu[]> => {
    if (signal.aborted) throw signal.reason
    if (busy) throw new Error('a stage sends one batch at a time')
    if (batch.length === 0) return []
    busy = true
    try {
      const commands = batch.map(({ apdu }) => encodeCommandApdu(apdu))
      const responses = await script(
        commands,
        batch.map(({ what }) => what),
      )
      if (responses.length === 0 || responses.length > commands.length)
        throw new Refusal('peer.failed', `${responses.length} responses to ${commands.length} commands`, {
          whose: 'mno-tsm',
        })
      return responses.map(parseResponseApdu)
    } catch (error) {
      throw signal.aborted ? signal.reason : overOr(error)
    } finally {
      busy = false
    }
  }

  const until = <T>(happens: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      void happens.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })

  return {
    element: { seId: iccid, signal, send, until },
    end: async () => {
      const conversation = await begun?.catch(() => undefined)
      if (conversation === undefined) return
      // The carrier lets go by itself of what nobody ends.
      await call(peer, endConversation, { ...base(newId()), conversation }).catch(() => undefined)
    },
  }
}

/** MNO-TSM or the SIM lost the thread: nothing went wrong that a new beginning would not mend. */
function overOr(error: unknown): unknown {
  if (!(error instanceof Refusal) || error.code !== 'conditions.not-satisfied') return error
  return new Abandoned(`the carrier’s conversation is over: ${error.message}`)
}

async function insisting<T>(
  { pauseMilliseconds = 500, tries = 6 }: ConversationWorld,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      const isLast = attempt + 1 >= tries || signal.aborted
      if (isLast || !(error instanceof Refusal) || !passing.has(error.code)) throw error
    }
    await pause(pauseMilliseconds * 2 ** attempt, signal)
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
