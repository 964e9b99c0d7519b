/**
 * What the functions of a carrier's TSM have in common: the base request and the base answer of GlobalPlatform System Messaging 2.x.
 *
 * A function that was executed answers with its status. One that was not is a problem (RFC 9457): `request.expired` is the
 * status Expired, every other refusal is Failed, and its code and detail are the status code data.
 */
import type { RefusalCode } from '@mobile-jpki/refusal'
import { instant } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const Iccid = z.string().regex(/^\d{18,20}$/, 'an ICCID has 18 to 20 digits')
export const Imsi = z.string().regex(/^\d{15}$/)
export const Msisdn = z.string().regex(/^0\d{9,10}$/, 'a number begins with 0 and has 10 or 11 digits')
export const OrderId = z.uuid()
export const PersonName = z.string().min(1).max(100)

/** By this the carrier is known between the TSMs; an MVNO by its own, also at the TSM of its host. */
export const CarrierId = z.string().regex(/^carrier-[a-z0-9-]{1,24}$/)

/** The same function call asked again is answered alike; after `validUntil` it is not begun any more. */
export const FunctionCall = z.object({ id: z.uuid(), validUntil: instant().optional() })
export type FunctionCall = z.output<typeof FunctionCall>

export const BaseRequest = z.object({ functionCall: FunctionCall, carrier: CarrierId })
export type BaseRequest = z.output<typeof BaseRequest>

export const executionStatuses = ['Executed-Success', 'Executed-WithWarning', 'Failed', 'Expired'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

export const BaseReply = z.object({
  status: z.enum(executionStatuses).extract(['Executed-Success', 'Executed-WithWarning']),
  /** What the caller should know although it was done. */
  warning: z.string().optional(),
})
export type BaseReply = z.output<typeof BaseReply>

export const statusOfRefusal = (code: RefusalCode): ExecutionStatus =>
  code === 'request.expired' ? 'Expired' : 'Failed'
