/** What every service is told when it starts, and how it reads a form. */
import type { z } from 'zod'
import { Declined } from './refused.ts'
import type { Visit } from './site.ts'

export interface Service {
  readonly port: number
  /** As browsers see it (RFC 6454 §6.2). */
  readonly origin: string
  readonly dataDirectory: string
  /** Origins of pages that may show this service in a frame. */
  readonly frameAncestors?: readonly string[]
}

export interface OpenIdService extends Service {
  readonly issuer: string
  readonly clientId: string
}

export interface Around {
  readonly now?: () => Date
}

/** A browser holds people to the form's own rules; whatever comes otherwise is refused. */
export function formOf<T>({ form }: Visit, schema: z.ZodType<T>): T {
  const read = schema.safeParse(Object.fromEntries(form))
  if (!read.success) throw new Declined('form.incomplete')
  return read.data
}

/** The day in Japan, as forms write it. */
export const dayIn = (at: Date): string => at.toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' })
