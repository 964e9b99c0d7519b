/** Can it be done? Asked at application, before anything is promised to anybody. System Messaging: eligibility. */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { Iccid, Msisdn } from './base.ts'

export const Device = z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) })
const Eligibility = z.object({ eligible: z.boolean(), reasons: z.array(z.string()) })

export const checkGlobalEligibility = endpoint({
  name: 'CheckGlobalEligibility',
  summary: 'Can this SIM in this phone take the service?',
  method: 'POST',
  path: '/eligibility/global',
  callers: ['sp-tsm'],
  request: z.object({ iccid: Iccid, device: Device }),
  /** `unfit` is the phone where a SIM that can stands in one that cannot. */
  reply: Eligibility.extend({ unfit: z.enum(['sim', 'device']).optional() }),
})

export const checkMobileSubscriptionEligibility = endpoint({
  name: 'CheckMobileSubscriptionEligibility',
  summary: 'Is the line in service, with this SIM, and the applicant’s own?',
  method: 'POST',
  path: '/eligibility/subscription',
  callers: ['sp-tsm'],
  request: z.object({ iccid: Iccid, msisdn: Msisdn, applicant: z.string().min(1).max(100) }),
  reply: Eligibility,
})
