/** The registry of SIMs: how one comes into it. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { Iccid, Msisdn } from './base.ts'

const Key = secret(octets({ min: 16, max: 32 }))

export const provisionSim = endpoint({
  name: 'provisionSim',
  summary: 'A new SIM and its line',
  description:
    'The reply holds the SIM’s own issuer keys, diversified, for its maker to write: in reality they travel in a batch file under a transport key; the town’s maker asks for them here. Asked again, the answer is the same.',
  method: 'POST',
  path: '/sims',
  callers: ['system'],
  request: z.object({
    iccid: Iccid,
    /** The first ten octets of the SIM's answer to INITIALIZE UPDATE. */
    keyDiversificationData: octets({ min: 10, max: 10 }),
    profile: z.enum(['a-uicc-2016', 'a-uicc-2012']),
    line: z.object({
      msisdn: Msisdn,
      subscriber: z.string().min(1).max(100),
      user: z.string().min(1).max(100).optional(),
    }),
  }),
  reply: z.object({
    keySet: z.object({
      scp: z.literal(3),
      i: z.number().int(),
      keyVersion: z.number().int(),
      enc: Key,
      mac: Key,
      dek: Key,
    }),
  }),
  status: 201,
})
