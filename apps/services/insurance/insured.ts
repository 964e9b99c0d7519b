/** 資格情報: how a person is insured, and the visits at which that was asked. */
import { z } from 'zod'

/** As the form of the first visit sends it (利用登録). */
export const InsuredForm = z.object({
  /** 保険者番号. */
  insurer: z.string().regex(/^[0-9]{8}$/),
  /** 記号・番号. */
  number: z.string().trim().min(1).max(20),
  /** 枝番. */
  branch: z.string().regex(/^[0-9]{2}$/),
  /** 負担割合, in tenths. */
  share: z.coerce.number().int().min(1).max(3),
})

export const Insured = InsuredForm.extend({
  /** Newest first. */
  visits: z.array(z.object({ at: z.iso.datetime(), way: z.enum(['pin', 'pin-less']), serialNumber: z.string() })),
})
export type Insured = z.infer<typeof Insured>

export const visited = (insured: Insured, visit: Insured['visits'][number]): Insured => ({
  ...insured,
  visits: [visit, ...insured.visits].slice(0, 100),
})
