/** Can it be done? Asked by the app before anything is applied for: the carrier, the SIM and the phone, in words that the app can translate. */
import { hindrances as carriersHindrances } from '@mobile-jpki/mno-tsm/contract'
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** What may stand in the way: the carrier, or one of those that its TSM tells (CheckGlobalEligibility). */
export const hindrances = ['carrierUnknown', ...carriersHindrances] as const
export const Hindrance = z.enum(hindrances)
export type Hindrance = z.infer<typeof Hindrance>

export const checkEligibility = endpoint({
  name: 'checkEligibility',
  summary: 'Can this SIM in this phone take the certificate?',
  description:
    'Whether the line is the applicant’s own is asked with the application, which says who that is. It is answered as it is now, each time.',
  method: 'POST',
  path: '/eligibility',
  callers: 'public',
  refusals: ['rate.exceeded'],
  request: z.object({
    carrier: z.string().min(1).max(32),
    iccid: z.string().regex(/^\d{18,20}$/),
    device: z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) }),
  }),
  reply: z.object({
    eligible: z.boolean(),
    hindrances: z.array(z.object({ hindrance: Hindrance, detail: z.string() })),
    /** Where the key pair can be made for this SIM; empty where nothing can be said of it. */
    keyModes: z.array(z.enum(['central', 'on-card'])),
  }),
})
