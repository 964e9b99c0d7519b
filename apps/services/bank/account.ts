/** A bank account: what it holds, and what was moved. Every change is a new value. */
import { z } from 'zod'
import { Declined } from '../site/refused.ts'

const Entry = z.object({
  at: z.iso.datetime(),
  /** To whom; nothing for the first deposit. */
  payee: z.string().optional(),
  /** Yen; negative when it went out. */
  amount: z.int(),
  balance: z.int(),
  /** The certificate that confirmed it. */
  serialNumber: z.string().optional(),
})

export const Account = z.object({
  number: z.string(),
  /** Newest first. */
  entries: z.array(Entry).min(1),
})
export type Account = z.infer<typeof Account>

/** Every visitor of this sample bank gets one. */
const firstDeposit = 300_000

/** `owner` is the person as the library names her: the serial number of her first certificate. */
export const openAccount = (owner: string, at: Date): Account => ({
  number: String(Number.parseInt(owner.slice(-8), 16) % 10_000_000).padStart(7, '0'),
  entries: [{ at: at.toISOString(), amount: firstDeposit, balance: firstDeposit }],
})

export const balanceOf = ({ entries }: Account): number => entries[0]?.balance ?? 0

/** What the person asks for, and then agrees to on the phone. */
export const Transfer = z.object({
  // What the app can show as it is: a line without controls (standards/jpki `isShownLine`).
  payee: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}\p{P}\p{Zs}ー・]{1,40}$/u),
  amount: z.coerce.number().int().min(1).max(10_000_000),
})
export type Transfer = z.infer<typeof Transfer>

export function transferred(
  account: Account,
  { payee, amount }: Transfer,
  { at, serialNumber }: { readonly at: Date; readonly serialNumber?: string },
): Account {
  const balance = balanceOf(account) - amount
  if (balance < 0) throw new Declined('amount.too-high')
  const entry = { at: at.toISOString(), payee, amount: -amount, balance, ...(serialNumber && { serialNumber }) }
  return { ...account, entries: [entry, ...account.entries] }
}
