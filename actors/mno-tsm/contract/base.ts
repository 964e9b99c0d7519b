/** What the functions of a carrier's TSM have in common. GlobalPlatform System Messaging 2.x. */
import { z } from 'zod'

export const Iccid = z.string().regex(/^\d{18,20}$/)
export const Msisdn = z.string().regex(/^0\d{9,10}$/)
export const OrderId = z.uuid()
