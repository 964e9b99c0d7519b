/** What a terminal (読取端末) hands to the service behind it: the proof of one tap, which anyone may check again. */
import { octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const ways = ['pin', 'pin-less'] as const
/** With the person's PIN, or by the terminal's certificate alone. */
export type Way = (typeof ways)[number]

/** What was signed, by whose key, at which terminal. docs/protocols/pin-less.md. */
export const Evidence = z.object({
  way: z.enum(ways),
  statement: z.object({
    institution: z.string().min(1).max(24),
    terminalId: z.string().min(1).max(16),
    nonce: octets({ min: 32, max: 32 }),
    /** What it was for, as the terminal showed it. */
    text: z.string().max(1000),
  }),
  /** The person's auth certificate, DER. */
  certificate: octets({ max: 8192 }),
  signature: octets({ max: 512 }),
  /** Without PIN. */
  terminalCertificate: octets({ max: 255 }).optional(),
})
export type Evidence = z.output<typeof Evidence>
