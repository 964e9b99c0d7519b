/** Can it be done? Asked at application, before anything is promised to anybody. System Messaging: eligibility. */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, Iccid, Msisdn, PersonName } from './base.ts'
import { Bearer } from './carrier.ts'

export const Device = z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) })
export type Device = z.output<typeof Device>

/** Where the user's key pair is made. */
export const KeyMode = z.enum(['central', 'on-card'])
export type KeyMode = z.output<typeof KeyMode>

/** Why not, one by one, for those who say it in other words. */
export const hindrances = [
  'simUnknown',
  'simOfAnotherCarrier',
  'simDisposed',
  'simMemory',
  'simRsa',
  'simKeyMode',
  'simBearer',
  'deviceUnknown',
  'deviceLocked',
  'deviceSystem',
] as const
export const Hindrance = z.enum(hindrances)
export type Hindrance = z.output<typeof Hindrance>

const Eligibility = BaseReply.extend({ eligible: z.boolean(), reasons: z.array(z.string()) })

export const checkGlobalEligibility = endpoint({
  name: 'CheckGlobalEligibility',
  summary: 'Can this SIM in this phone take the service?',
  description:
    'With `keyMode` and `bearer` also: in this way? What the SIM’s type can stands in the reply, so that an app can offer no more. It is answered as it is now, each time.',
  method: 'POST',
  path: '/eligibility/global',
  callers: ['sp-tsm'],
  refusals: ['carrier.elsewhere'],
  request: BaseRequest.extend({
    iccid: Iccid,
    device: Device,
    keyMode: KeyMode.optional(),
    bearer: Bearer.optional(),
  }),
  reply: Eligibility.extend({
    /** The kind of each of the reasons, in their order. */
    hindrances: z.array(Hindrance),
    /** What stands in the way: the phone where a SIM that can stands in one that cannot. */
    unfit: z.enum(['sim', 'device']).optional(),
    /** Of a SIM that the carrier knows. */
    keyModes: z.array(KeyMode).optional(),
    bearers: z.array(Bearer).optional(),
    /** The SIM attests keys that it made (GPCS Amendment A). */
    casd: z.boolean().optional(),
  }),
})

export const checkMobileSubscriptionEligibility = endpoint({
  name: 'CheckMobileSubscriptionEligibility',
  summary: 'Is the line in service, with this SIM, and the applicant’s own?',
  description: 'The subscriber (契約者) or the registered user (利用者). It is answered as it is now, each time.',
  method: 'POST',
  path: '/eligibility/subscription',
  callers: ['sp-tsm'],
  refusals: ['carrier.elsewhere'],
  request: BaseRequest.extend({ iccid: Iccid, msisdn: Msisdn, applicant: PersonName }),
  reply: Eligibility,
})
