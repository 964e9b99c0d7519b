/** How often one SIM may be asked about and applied for, and codes be tried with it: counted in the store, for all processes. */
import { Refusal } from '@mobile-jpki/refusal'
import type { World } from './domain/world.ts'

export interface Quota {
  readonly requests: number
  readonly seconds: number
}

export interface Quotas {
  readonly applications: Quota
  readonly codes: Quota
  /** Whether a SIM is eligible. */
  readonly questions: Quota
}

export const quotas: Quotas = {
  applications: { requests: 60, seconds: 3600 },
  codes: { requests: 60, seconds: 3600 },
  questions: { requests: 240, seconds: 3600 },
}

/** Counted before anything is looked at: a refused try is a try. */
export async function countFor(
  { rates, now, quotas }: Pick<World, 'rates' | 'now' | 'quotas'>,
  what: keyof Quotas,
  iccid: string,
): Promise<void> {
  const { requests, seconds } = quotas[what]
  const window = seconds * 1000
  const since = new Date(Math.floor(now().getTime() / window) * window)
  if ((await rates.count(`${what} ${iccid}`, since)) <= requests) return
  const rest = Math.ceil((since.getTime() + window - now().getTime()) / 1000)
  throw new Refusal('rate.exceeded', `More than ${requests} for this SIM in ${seconds} s; go on in ${rest} s.`)
}

/** Windows that are over count for nothing. */
export const forgetOld = ({ rates, now, quotas }: Pick<World, 'rates' | 'now' | 'quotas'>): Promise<void> => {
  const longest = Math.max(...Object.values(quotas).map(({ seconds }: Quota) => seconds))
  return rates.forgetBefore(new Date(now().getTime() - 2 * longest * 1000))
}
