/** A credit account: what may be spent, and what was. */
import { Evidence } from '@mobile-jpki/terminal/contract'
import { z } from 'zod'
import { Declined } from '../site/refused.ts'

export const Member = z.object({
  limit: z.int(),
  /** Newest first; each with its proof, which anyone may judge again. */
  payments: z.array(z.object({ at: z.iso.datetime(), amount: z.int(), serialNumber: z.string(), proof: z.unknown() })),
})
export type Member = z.infer<typeof Member>

/** Below it a tap is enough; from it on, the PIN. */
export const pinFrom = 10_000

export const Amount = z.object({ amount: z.coerce.number().int().min(1).max(1_000_000) })

export const newMember: Member = { limit: 100_000, payments: [] }

export const leftOf = ({ limit, payments }: Member): number =>
  limit - payments.reduce((sum, { amount }) => sum + amount, 0)

export interface Payment {
  readonly at: Date
  readonly amount: number
  readonly serialNumber: string
  readonly evidence: Evidence
}

export function paid(member: Member, { at, amount, serialNumber, evidence }: Payment): Member {
  if (amount > leftOf(member)) throw new Declined('amount.too-high')
  const payment = { at: at.toISOString(), amount, serialNumber, proof: z.encode(Evidence, evidence) }
  return { ...member, payments: [payment, ...member.payments] }
}
