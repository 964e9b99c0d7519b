/** The TSM's end of a secure channel to a security domain, over an element. GPCS v2.3.1 §10, Annex E (SCP02); Amendment D (SCP03). */
import type { KeyEncryption, SecureChannelSession } from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import type { Element, Instruction } from './element.ts'
import { type ChannelOptions, opening } from './opening.ts'
import { dataOf, type Prepared } from './prepared.ts'
import { type Protected, protect } from './protected.ts'
import { trustedChannel } from './trusted-channel.ts'

export interface SecureChannel {
  /** The DEK for `wrapKey` and `wrapSecret`. */
  readonly session: KeyEncryption
  /** The answer, whatever its status word. */
  exchange(instruction: Instruction): Promise<ResponseApdu>
  /** The answer's data; a status word other than success is a Refusal `card.refused`. */
  transmit(instruction: Instruction): Promise<Uint8Array>
  /** Many commands in few round trips; the first refused one ends it. */
  transmitAll(instructions: readonly Instruction[]): Promise<readonly Uint8Array[]>
  /**
   * Many commands in one round trip: the answers as far as the card went, whatever their status words. It stops behind the
   * first that is refused, and the channel goes on from there.
   */
  exchangeAll(instructions: readonly Instruction[]): Promise<readonly ResponseApdu[]>
  /** Protected now, to be sent by somebody else in front of what follows: the channel is over with it. */
  conclude(instructions: readonly Instruction[]): Prepared<readonly Uint8Array[]>
}

/** How many commands are sent at a time: what an agent takes in one order. */
const mostAhead = 512

/**
 * SELECT and INITIALIZE UPDATE go at once; EXTERNAL AUTHENTICATE waits and goes in front of the first commands. Where the card's
 * answer is foreseen, all of it waits for them.
 */
export async function openSecureChannel(element: Element, options: ChannelOptions): Promise<SecureChannel> {
  const { step, aid, whose = 'sim', batchSize = mostAhead } = options
  const { trust } = element
  if (trust !== undefined && sameOctets(trust.domain, aid)) return trustedChannel(element, options, trust.keyEncryption)
  const opened = await opening(element, options)
  let before: Prepared<unknown> | undefined = opened.before
  let session: SecureChannelSession | undefined = opened.session

  const protecting = (batch: readonly Instruction[]): Protected => {
    if (session === undefined) throw new Error('the secure channel is over')
    const made = protect(session, batch)
    session = undefined
    return made
  }

  const exchangeAll = async (batch: readonly Instruction[]): Promise<readonly ResponseApdu[]> => {
    const { batch: wrapped, settle } = protecting(batch)
    const first = before
    before = undefined
    const responses = await element.send([...(first?.batch ?? []), ...wrapped], step)
    const ahead = first?.batch.length ?? 0
    first?.settle(responses.slice(0, ahead))
    const { plain, next } = settle(responses.slice(ahead))
    session = next
    return plain
  }

  const transmitAll = async (instructions: readonly Instruction[]): Promise<readonly Uint8Array[]> => {
    const data: Uint8Array[] = []
    for (let at = 0; at < instructions.length; at += batchSize) {
      const batch = instructions.slice(at, at + batchSize)
      data.push(...dataOf(batch, await exchangeAll(batch), whose))
    }
    return data
  }

  return {
    session: opened.session,
    exchange: async (instruction) => (await exchangeAll([instruction]))[0] as ResponseApdu,
    transmit: async (instruction) => (await transmitAll([instruction]))[0] as Uint8Array,
    transmitAll,
    exchangeAll,
    conclude: (instructions) => {
      const { batch: wrapped, settle } = protecting(instructions)
      const first = before
      before = undefined
      const ahead = first?.batch.length ?? 0
      return {
        batch: [...(first?.batch ?? []), ...wrapped],
        settle: (responses) => {
          first?.settle(responses.slice(0, ahead))
          return dataOf(instructions, settle(responses.slice(ahead)).plain, whose)
        },
      }
    },
  }
}
