/** What a carrier's TSM tells SP-TSM of a line, a SIM or a phone. GlobalPlatform System Messaging 2.x, notification functions. */
import { BaseReply, BaseRequest, Iccid, Msisdn } from '@mobile-jpki/mno-tsm/contract'
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/**
 * The base request and answer are those of the carrier's own functions: the same function call told again is the same notification, and
 * past its validity it is refused (`request.expired`). A warning says that nothing in that SIM is of this service, or that nothing changed.
 */
const notification = <More extends z.ZodRawShape>(name: string, summary: string, path: string, more: More) =>
  endpoint({
    name,
    summary,
    method: 'POST',
    path: `/notifications/${path}`,
    callers: ['mno-tsm'],
    refusals: ['caller.not-allowed', 'request.expired'],
    request: BaseRequest.extend(more),
    reply: BaseReply,
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
