/** What the messages of the JPKI system name things by. */
import { z } from 'zod'

/** Serial number as standards/pkix prints it: lower-case hexadecimal of the magnitude, whole octets, no leading zero octet. */
export const SerialNumber = z.string().regex(/^(?!00)(?:[0-9a-f]{2}){1,20}$/)
export const OrderId = z.uuid()
export const Iccid = z.string().regex(/^\d{18,20}$/)

/** Who makes the phone's key pair: the JPKI system (⑦), or the SIM itself, behind ⑮. */
export const KeyGeneration = z.enum(['central', 'on-card'])
export type KeyGeneration = z.infer<typeof KeyGeneration>

/** Who speaks for the applet's keys in that type of SIM: its CASD, or SP-TSM by voucher where there is none. */
export const AttestedBy = z.enum(['casd', 'voucher'])
export type AttestedBy = z.infer<typeof AttestedBy>

/** RFC 5280 §5.3.1, those that JPKI uses (its CPS). */
export const RevocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
])
export type RevocationReason = z.infer<typeof RevocationReason>

/** 氏名, 住所, 生年月日, 性別: the four recorded items (基本4情報). */
export const FourItems = z.object({
  name: z.string().min(1).max(100),
  address: z.string().min(1).max(200),
  birthDate: z.iso.date(),
  gender: z.enum(['male', 'female', 'other']),
})
export type FourItems = z.infer<typeof FourItems>

export const Municipality = z.object({
  code: z.string().regex(/^\d{5}$/),
  prefecture: z.string().min(1).max(50),
  city: z.string().min(1).max(50),
})
