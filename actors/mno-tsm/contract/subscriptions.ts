/**
 * The carrier's back office: what happens to lines and SIMs. Each of these is told to SP-TSM by the notification of System Messaging
 * that is named with it (actors/sp-tsm/contract/notifications.ts), in the order in which it happened to the SIM.
 */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, CarrierId, Iccid, Msisdn, PersonName } from './base.ts'
import { Device } from './eligibility.ts'
import { lineStates } from './registry.ts'

export const lineReasons = ['request', 'lost', 'stolen', 'found', 'unpaid', 'paid', 'cancelled', 'ported'] as const
export const renewalReasons = ['exchange', 'lost', 'stolen', 'broken'] as const
export const disposalReasons = ['replaced', 'returned', 'lost', 'stolen', 'broken'] as const

const OfLine = BaseRequest.extend({ msisdn: Msisdn })
const refusals = ['carrier.elsewhere', 'conditions.not-satisfied', 'reference.not-found', 'request.expired'] as const

export const changeLineStatus = endpoint({
  name: 'changeLineStatus',
  summary: 'Suspend, resume or end a line',
  description:
    'Tells SP-TSM HandleMobileSubscriptionStatusChange; with the reason `lost` or `stolen`, and with `found`, HandleSEStatusChange as well.',
  method: 'POST',
  path: '/lines/:msisdn/status',
  callers: ['operator'],
  refusals,
  request: OfLine.extend({ status: z.enum(lineStates), reason: z.enum(lineReasons) }),
  reply: BaseReply,
})

export const changeNumber = endpoint({
  name: 'changeNumber',
  summary: 'Give a line another number',
  description: 'Tells SP-TSM HandleMobileSubscriptionIdentifierChanged.',
  method: 'POST',
  path: '/lines/:msisdn/number',
  callers: ['operator'],
  refusals,
  request: OfLine.extend({ to: Msisdn }),
  reply: BaseReply,
})

export const replaceSim = endpoint({
  name: 'replaceSim',
  summary: 'Put a line on another SIM of the same carrier, one without a line',
  description: 'Tells SP-TSM HandleSERenewal.',
  method: 'POST',
  path: '/lines/:msisdn/sim',
  callers: ['operator'],
  refusals,
  request: OfLine.extend({ iccid: Iccid, reason: z.enum(renewalReasons) }),
  reply: BaseReply,
})

export const movePhoneNumber = endpoint({
  name: 'movePhoneNumber',
  summary: 'Take a number over from another carrier, onto a SIM of `carrier` without a line',
  description:
    'Asked of the carrier that takes it. Where this TSM serves the carrier that gives it up, the line ends there at once, and SP-TSM is told HandleMobileSubscriptionStatusChange; otherwise that carrier ends the line by changeLineStatus with the reason `ported`.',
  method: 'POST',
  path: '/lines/:msisdn/carrier',
  callers: ['operator'],
  refusals,
  request: OfLine.extend({
    iccid: Iccid,
    from: CarrierId,
    /** Of the new contract; those of the line that ends, where this TSM knows it. */
    subscriber: PersonName.optional(),
    user: PersonName.optional(),
  }),
  reply: BaseReply,
})

export const changeDevice = endpoint({
  name: 'changeDevice',
  summary: 'The SIM is in another phone now, as the network saw it',
  description: 'Tells SP-TSM HandleSEDeviceChanged.',
  method: 'POST',
  path: '/lines/:msisdn/device',
  callers: ['operator'],
  refusals,
  request: OfLine.extend({ device: Device }),
  reply: BaseReply,
})

export const disposeSim = endpoint({
  name: 'disposeSim',
  summary: 'A SIM is out of use for good',
  description:
    'Tells SP-TSM HandleSEStatusChange. A SIM with a line in service is not disposed of: end or move the line first.',
  method: 'POST',
  path: '/sims/:iccid/disposal',
  callers: ['operator'],
  refusals,
  request: BaseRequest.extend({ iccid: Iccid, reason: z.enum(disposalReasons) }),
  reply: BaseReply,
})
