/**
 * Where what carries the commands speaks for the security domain by itself: they go as they are, and a channel inside would be
 * refused. Secrets come under the key encryption key of the carrying session. ETSI TS 102 225 §5.1.3; GPC Amendment B §3.4, §3.5.
 */
import type { KeyEncryption } from '@mobile-jpki/globalplatform'
import { Select } from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import { type Element, type Instruction, instruct } from './element.ts'
import type { ChannelOptions } from './opening.ts'
import { dataOf, type Prepared } from './prepared.ts'
import type { SecureChannel } from './secure-channel.ts'

export function trustedChannel(
  element: Element,
  { step, aid, whose = 'sim', behind }: ChannelOptions,
  keyEncryption: KeyEncryption,
): SecureChannel {
  const asking = [instruct(Select, { p2: 'first', data: aid })]
  const ahead = behind?.batch ?? []
  /** The first commands of it: the domain is addressed. */
  let before: Prepared<unknown> | undefined = {
    batch: [...ahead, ...asking],
    settle: (responses) => {
      behind?.settle(responses.slice(0, ahead.length))
      dataOf(asking, responses.slice(ahead.length), whose)
    },
  }

  const following = (instructions: readonly Instruction[]): Prepared<readonly ResponseApdu[]> => {
    const first = before
    before = undefined
    const begin = first?.batch.length ?? 0
    return {
      batch: [...(first?.batch ?? []), ...instructions],
      settle: (responses) => {
        first?.settle(responses.slice(0, begin))
        return responses.slice(begin)
      },
    }
  }

  const exchangeAll = async (instructions: readonly Instruction[]): Promise<readonly ResponseApdu[]> => {
    const { batch, settle } = following(instructions)
    return settle(await element.send(batch, step))
  }
  const transmitAll = async (instructions: readonly Instruction[]) =>
    dataOf(instructions, await exchangeAll(instructions), whose)

  return {
    session: keyEncryption,
    exchange: async (instruction) => (await exchangeAll([instruction]))[0] as ResponseApdu,
    transmit: async (instruction) => (await transmitAll([instruction]))[0] as Uint8Array,
    transmitAll,
    exchangeAll,
    conclude: (instructions) => {
      const { batch, settle } = following(instructions)
      return { batch, settle: (responses) => dataOf(instructions, settle(responses), whose) }
    },
  }
}
