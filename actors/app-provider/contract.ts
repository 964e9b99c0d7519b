/** What the app provider (アプリ提供事業者) promises a phone, step ①: an app as a signed list of files. */
import { endpoint, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const AppFile = z.object({
  path: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
    .refine((path) => !path.includes('..')),
  size: z.number().int().nonnegative(),
  sha256: octets(),
})

/** What the provider signs, as the octets of this object's JSON. */
export const AppManifest = z.object({ name: z.string(), version: z.string(), files: z.array(AppFile) })
export type AppManifest = z.infer<typeof AppManifest>

export const getApp = endpoint({
  name: 'getApp',
  summary: '①: what the app consists of, signed by its provider',
  method: 'GET',
  path: '/apps/:name',
  step: '①',
  callers: 'public',
  request: z.object({ name: z.string() }),
  reply: z.object({
    /** UTF-8 JSON of an `AppManifest`, and ECDSA P-256 SHA-256 (r‖s) by the provider's key over it. */
    manifest: octets(),
    signature: octets(),
  }),
})

export const getAppFile = endpoint({
  name: 'getAppFile',
  summary: '①: a file of the app, by its hash',
  method: 'GET',
  path: '/apps/:name/files/:sha256',
  step: '①',
  callers: 'public',
  request: z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  reply: z.object({ content: octets() }),
})
