/** お薬手帳: the medicines of one person, newest first. */
import { z } from 'zod'

export const Medicine = z.object({
  id: z.uuid(),
  /** When it was dispensed. */
  date: z.iso.date(),
  name: z.string(),
  /** 用法, as it stands on the bag. */
  usage: z.string(),
  days: z.int(),
  pharmacy: z.string(),
})
export type Medicine = z.infer<typeof Medicine>

export const Notebook = z.object({ medicines: z.array(Medicine) })
export type Notebook = z.infer<typeof Notebook>

const line = z.string().trim().min(1).max(60)

/** As the form sends it. */
export const MedicineForm = z.object({
  date: z.iso.date(),
  name: line,
  usage: line,
  days: z.coerce.number().int().min(1).max(180),
  pharmacy: line,
})

export const emptyNotebook: Notebook = { medicines: [] }

export const withMedicine = ({ medicines }: Notebook, medicine: Medicine): Notebook => ({
  medicines: [medicine, ...medicines].sort((one, other) => other.date.localeCompare(one.date)),
})

export const withoutMedicine = ({ medicines }: Notebook, id: string): Notebook => ({
  medicines: medicines.filter((one) => one.id !== id),
})

/** Until the evening of the last day. */
export const isTaken = ({ date, days }: Medicine, today: string): boolean =>
  date <= today && today < addDays(date, days)

const addDays = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
