/** The phone proves that it is the one that the application was made with, or that was bound first. docs/protocols/access-code.md. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** The app's public key (P-256 point), a challenge of ours, and the signature over the statement of standards/jpki/device.ts. */
export const DeviceProof = z.object({
  key: octets({ min: 65, max: 65 }),
  challenge: octets({ max: 64 }),
  signature: octets({ min: 64, max: 64 }),
})
export type DeviceProof = z.infer<typeof DeviceProof>

export const getChallenge = endpoint({
  name: 'getChallenge',
  summary: 'What the app’s key signs next: good once, and for a few minutes',
  method: 'POST',
  path: '/challenges',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ challenge: octets(), expiresAt: instant() }),
  status: 201,
})
