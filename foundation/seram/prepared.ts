/** Commands that are ready to be sent, and what becomes of their answers: several of them can share one round trip. */
import { isSuccess, type ResponseApdu, StatusWordError } from '@mobile-jpki/iso7816'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import type { Instruction } from './element.ts'

export interface Prepared<T> {
  readonly batch: readonly Instruction[]
  /** Takes the answers to the batch, as far as the card went. */
  settle(responses: readonly ResponseApdu[]): T
}

/** What a batch was answered; the first status word other than success is a refusal, by the name of its command. */
export function dataOf(
  batch: readonly Instruction[],
  responses: readonly ResponseApdu[],
  whose: ActorName,
): Uint8Array[] {
  return batch.map(({ what }, at) => {
    const response = responses[at]
    if (response === undefined) throw new Refusal('card.refused', `${what}: the card did not answer.`, { whose })
    if (isSuccess(response.sw)) return response.data
    throw cardRefused(what, response.sw, whose)
  })
}

/** Its cause is a StatusWordError, for whoever needs the status word itself. */
export function cardRefused(what: string, sw: number, whose: ActorName): Refusal {
  const cause = new StatusWordError(what, sw)
  return new Refusal('card.refused', cause.message, { whose, cause })
}
