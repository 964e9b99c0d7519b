/** ⑭: the SP area and the applet in one SIM. System Messaging: service management. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, Iccid, OrderId } from './base.ts'
import { Bearer } from './carrier.ts'

/** The SP area as SP-TSM meets it: who manages it, and how it is spoken to. It follows from the SIM's type. */
export const DomainTerms = z.object({
  /** Who loads and installs: the carrier (simple), SP-TSM by the carrier's tokens (delegated), SP-TSM by itself (authorized). GPCS §9.1.3. */
  management: z.enum(['simple', 'delegated', 'authorized']),
  /** The secure channel protocol with its options `i`. GPCS annex E, Amendment D. */
  scp: z.literal([2, 3]),
  i: z.int().min(0).max(0x7f),
  keyBits: z.literal([128, 192, 256]),
  /** Least security level of commands that change the card. */
  minimumLevel: z.int().min(0).max(0x33),
  /** Octets of the longest command data field. */
  largestData: z.int().min(255).max(0xffff),
  /** The SIM's CASD takes keys that the carrier does not see. GPCS Amendment A §4. */
  confidentialSetUp: z.boolean(),
  /** The carrier lets the applet sign without a PIN (PINなし認証) in this type of SIM; it does not if not said. */
  pinless: z.boolean().optional(),
})
export type DomainTerms = z.output<typeof DomainTerms>

/** Keys that only the SIM opens: STORE DATA for the SP area, docs/protocols/confidential-set-up.md. */
export const ConfidentialSetUp = z.object({
  keyVersion: z.int().min(1).max(0x7f),
  message: octets({ min: 100, max: 2048 }),
})
export type ConfidentialSetUp = z.output<typeof ConfidentialSetUp>

export const deployService = endpoint({
  name: 'DeployService',
  summary: '⑭: create the SP area in that SIM and put the JPKI applet into it',
  description:
    'With `setUp` the SIM gets SP-TSM’s own keys, which the carrier relays and cannot read; without it an initial key set is made and sealed for `keyTransport` (a P-256 point of SP-TSM’s). Asked again for an order, it goes on with the same deployment.',
  method: 'POST',
  path: '/services',
  step: '⑭',
  callers: ['sp-tsm'],
  request: BaseRequest.extend({
    orderId: OrderId,
    iccid: Iccid,
    keyTransport: octets(),
    setUp: ConfidentialSetUp.optional(),
    /** Over the air MNO-TSM sets out by itself, and the agent is not needed. The agent if not said. */
    bearer: Bearer.optional(),
  }),
  reply: BaseReply.extend({
    /** Where the phone's agent is to report, and under which session. */
    agent: z.object({ url: z.url(), sessionId: secret(z.uuid()) }),
    terms: DomainTerms,
  }),
  status: 202,
})

export const ServiceState = z.enum(['requested', 'domainReady', 'appletInstalled', 'failed'])

export const getServiceState = endpoint({
  name: 'GetServiceState',
  summary: '⑭: how far the deployment is',
  description: 'It is answered as it is now, each time.',
  method: 'POST',
  path: '/services/:orderId/state',
  step: '⑭',
  callers: ['sp-tsm'],
  request: BaseRequest.extend({ orderId: OrderId }),
  reply: BaseReply.extend({
    state: ServiceState,
    securityDomain: octets().optional(),
    instanceAid: octets().optional(),
    /** Key version of the initial key set, and ENC ‖ MAC ‖ DEK in an envelope of purpose `keySet` (standards/jpki). */
    keyVersion: z.number().int().min(1).max(0x7f).optional(),
    keySet: octets().optional(),
    terms: DomainTerms.optional(),
    /** The carrier's signature over the hash of the applet's load file, where its SIMs take no file without one. GPCS §C.3. */
    dap: z.object({ securityDomain: octets(), signature: octets() }).optional(),
    refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
  }),
})

export const handleActionDoneOnService = endpoint({
  name: 'HandleActionDoneOnService',
  summary: 'SP-TSM tells what it did to the applet by itself, for the carrier’s SIM registry',
  description: 'Told twice, it is the same.',
  method: 'POST',
  path: '/services/:orderId/actions',
  callers: ['sp-tsm'],
  request: BaseRequest.extend({ orderId: OrderId, action: z.enum(['install', 'personalize', 'suspend', 'resume']) }),
  reply: BaseReply,
})

export const terminateService = endpoint({
  name: 'TerminateService',
  summary: 'The order ended, before its certificate was in use or with it: what was made for it is no longer anybody’s',
  description:
    'Its keys and session are forgotten at once. The SIM is cleared when it is reached next. Told twice, or of an order that is not known, it is the same.',
  method: 'POST',
  path: '/services/:orderId/termination',
  callers: ['sp-tsm'],
  request: BaseRequest.extend({ orderId: OrderId }),
  reply: BaseReply,
})
