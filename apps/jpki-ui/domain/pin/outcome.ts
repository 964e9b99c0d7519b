/** What a card says of a PIN, as a refusal with the tries that are left. */
import type { cardClient } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'

/** undefined means verified. */
export async function refusalOfPin(verify: () => Promise<cardClient.PinOutcome>): Promise<Refusal | undefined> {
  let outcome: cardClient.PinOutcome
  try {
    outcome = await verify()
  } catch (error) {
    if (error instanceof RangeError) return new Refusal('pin.malformed', `${error.message}.`)
    throw error
  }
  if (outcome.outcome === 'verified') return undefined
  if (outcome.outcome === 'blocked') return new Refusal('pin.blocked')
  const { triesLeft } = outcome
  const left = triesLeft === 1 ? 'One try is left.' : `${triesLeft} tries are left.`
  return new Refusal('pin.wrong', `The PIN is wrong. ${left}`, { triesLeft })
}
