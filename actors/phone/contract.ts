/**
 * What the phone (スマートフォン) promises the app that is installed on it: a secure-element interface in the shape of
 * the Open Mobile API (GPC OMAPI v3.3: reader, session, channel, transmit), the TSM proxy agent, the network, a place to store things.
 * All of it is local to the device; the app's screen is the only caller.
 */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** `SIM1` is the SIM slot, `NFC` the card that is held against the phone. */
export const Reader = z.enum(['SIM1', 'NFC'])
export type Reader = z.infer<typeof Reader>

export const describeDevice = endpoint({
  name: 'describeDevice',
  summary: 'The phone: its model, its line, its SIM and readers',
  method: 'GET',
  path: '/device',
  callers: 'public',
  request: z.object({}),
  reply: z.object({
    model: z.string(),
    os: z.string(),
    carrier: z.string(),
    /** As the SIM names its carrier to people, EF.SPN. */
    serviceProvider: z.string().optional(),
    msisdn: z.string(),
    /** As read from the SIM; absent while the slot is empty. */
    iccid: z.string().optional(),
    /** Whether the SIM has a CASD that attests keys (GPCS Amendment A), as the phone sees it. */
    casd: z.boolean().optional(),
    /** Origin of the SP-TSM that this phone is connected to. */
    spTsm: z.url(),
    readers: z.array(z.object({ name: Reader, present: z.boolean() })),
    /** P-256 points: authorities of CASD certificates, and SP-TSM's voucher keys for SIMs that have no CASD. SHA-256 of genuine applets. */
    trust: z.object({
      casdAuthorities: z.array(octets()),
      applets: z.array(octets()),
      voucherKeys: z.array(octets()),
    }),
  }),
})

export const openChannel = endpoint({
  name: 'openChannel',
  summary: 'OMAPI §6.4.3: a basic or logical channel with an applet selected',
  description: '`kind` logical is refused by cards without logical channels.',
  method: 'POST',
  path: '/secure-element/channels',
  callers: 'public',
  request: z.object({ reader: Reader, kind: z.enum(['basic', 'logical']), aid: octets({ min: 5, max: 16 }) }),
  reply: z.object({ channel: z.uuid(), selectResponse: octets() }),
  status: 201,
})

export const transmit = endpoint({
  name: 'transmit',
  summary:
    'C-APDUs may carry a PIN: both directions are secret to the trace of this endpoint; the card’s own trace decodes and redacts',
  method: 'POST',
  path: '/secure-element/channels/:channel/apdus',
  callers: 'public',
  request: z.object({ channel: z.uuid(), command: secret(octets({ min: 4 })) }),
  reply: z.object({ response: secret(octets({ min: 2 })) }),
})

export const closeChannel = endpoint({
  name: 'closeChannel',
  summary: 'OMAPI §6.5.1: the channel is closed',
  method: 'DELETE',
  path: '/secure-element/channels/:channel',
  callers: 'public',
  request: z.object({ channel: z.uuid() }),
  reply: z.object({}),
})

export const installApp = endpoint({
  name: 'installApp',
  summary: '①: fetches the app from its provider, checks signature and hashes, keeps it',
  method: 'POST',
  path: '/apps',
  step: '①',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ name: z.string(), version: z.string(), files: z.number(), octets: z.number() }),
  status: 201,
})

export const askForDownload = endpoint({
  name: 'askForDownload',
  summary: '⑫: the user asks for the JPKI data to be written; the phone says into which SIM that would be',
  method: 'POST',
  path: '/downloads',
  step: '⑫',
  from: 'user',
  to: 'jpki-ui',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ iccid: z.string() }),
})

export const startAgent = endpoint({
  name: 'startAgent',
  summary:
    'The agent reports to the named TSM under that session until it is told to stop; it goes on by itself after a restart of the phone',
  method: 'POST',
  path: '/agent',
  callers: 'public',
  request: z.object({ sessionId: secret(z.uuid()) }),
  reply: z.object({}),
  status: 202,
})

export const describeAgent = endpoint({
  name: 'describeAgent',
  summary: 'What the TSM proxy agent is doing',
  method: 'GET',
  path: '/agent',
  callers: 'public',
  request: z.object({}),
  reply: z.object({
    state: z.enum(['idle', 'working', 'waiting', 'done', 'failed']),
    apdus: z.number(),
    octets: z.number(),
    /** The list of commands under way, or the last one: its step, how many octets of commands it has, and how many are in the SIM. */
    list: z.object({ step: z.enum(['⑮', '⑱']), octets: z.number(), carried: z.number() }).optional(),
    trouble: z.object({ code: z.string(), detail: z.string() }).optional(),
  }),
})

export const readStorage = endpoint({
  name: 'readStorage',
  summary: 'The app’s own storage on the device, encrypted at rest',
  method: 'GET',
  path: '/storage/:key',
  callers: 'public',
  request: z.object({ key: z.string().regex(/^[a-z-]{1,32}$/) }),
  reply: z.object({ value: secret(z.string()).optional() }),
})

export const writeStorage = endpoint({
  name: 'writeStorage',
  summary: 'Keeps a value for the app',
  method: 'PUT',
  path: '/storage/:key',
  callers: 'public',
  request: z.object({ key: z.string().regex(/^[a-z-]{1,32}$/), value: secret(z.string().max(65536)).optional() }),
  reply: z.object({}),
})

export const resetCard = endpoint({
  name: 'resetCard',
  summary: 'A card of this phone in the hands of a PC/SC reader: power, and command-response pairs',
  description: 'A reset ends the phone’s own channels.',
  method: 'POST',
  path: '/cards/:reader/reset',
  callers: 'public',
  request: z.object({ reader: Reader }),
  reply: z.object({ answerToReset: octets() }),
})

export const exchangeApdu = endpoint({
  name: 'exchangeApdu',
  summary: 'One command to a card in a reader of this phone, and its response',
  method: 'POST',
  path: '/cards/:reader/apdus',
  callers: 'public',
  request: z.object({ reader: Reader, command: secret(octets({ min: 4 })) }),
  reply: z.object({ response: secret(octets({ min: 2 })) }),
})

/** The network relay: `/network/sp-tsm/…`, or `/network/<origin>/…`, goes there as the phone's own network stack would carry it. */
export const networkPath = (to: string): string => `/network/${encodeURIComponent(to)}`
