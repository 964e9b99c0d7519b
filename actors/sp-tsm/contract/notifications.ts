/** What a carrier's TSM tells SP-TSM of a line, a SIM or a phone. GlobalPlatform System Messaging 2.x, notification functions. */
import { endpoint, instant } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const Iccid = z.string().regex(/^\d{18,20}$/)
const Msisdn = z.string().regex(/^0\d{9,10}$/)

/** The base request: the same `id` told again is the same notification. Past `validUntil` it is not acted upon. */
const base = {
  functionCall: z.object({ id: z.uuid(), validUntil: instant().optional() }),
  carrier: z.string().min(1).max(32),
} as const

/** The base answer. `Executed-WithWarning`: nothing in that SIM is of this service. */
const Executed = z.object({ status: z.enum(['Executed-Success', 'Executed-WithWarning', 'Expired']) })
export type Executed = z.infer<typeof Executed>

const notification = <More extends z.ZodRawShape>(name: string, summary: string, path: string, more: More) =>
  endpoint({
    name,
    summary,
    method: 'POST',
    path: `/notifications/${path}`,
    callers: ['mno-tsm'],
    request: z.object({ ...base, ...more }),
    reply: Executed,
  })

export const handleMobileSubscriptionStatusChange = notification(
  'HandleMobileSubscriptionStatusChange',
  'The line is suspended, in service again, or ended (解約, MNP)',
  'subscription-status',
  { iccid: Iccid, msisdn: Msisdn, status: z.enum(['active', 'suspended', 'ended']) },
)

export const handleMobileSubscriptionIdentifierChanged = notification(
  'HandleMobileSubscriptionIdentifierChanged',
  'The same line and SIM have another number',
  'subscription-identifier',
  { iccid: Iccid, oldMsisdn: Msisdn, newMsisdn: Msisdn },
)

export const handleSERenewal = notification(
  'HandleSERenewal',
  'The line has another SIM of the same carrier',
  'se-renewal',
  { oldIccid: Iccid, newIccid: Iccid, msisdn: Msisdn },
)

export const handleSEDeviceChanged = notification('HandleSEDeviceChanged', 'The SIM is in another phone', 'se-device', {
  iccid: Iccid,
  device: z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) }),
})

export const handleSEStatusChange = notification(
  'HandleSEStatusChange',
  'The SIM was reported lost, works again, or is out of use for good',
  'se-status',
  { iccid: Iccid, status: z.enum(['active', 'lost', 'disposed']) },
)
