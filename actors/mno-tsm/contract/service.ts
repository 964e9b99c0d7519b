/** ⑭: the SP area and the applet in one SIM. System Messaging: service management. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { Iccid, OrderId } from './base.ts'

export const deployService = endpoint({
  name: 'DeployService',
  summary: '⑭: create the SP area in that SIM and put the JPKI applet into it',
  description:
    'The initial key set is sealed for `keyTransport` (a P-256 point of SP-TSM’s). Asked again for an order, it goes on with the same deployment.',
  method: 'POST',
  path: '/services',
  step: '⑭',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId, iccid: Iccid, keyTransport: octets() }),
  reply: z.object({
    /** Where the phone's agent is to report, and under which session. */
    agent: z.object({ url: z.url(), sessionId: secret(z.uuid()) }),
  }),
  status: 202,
})

export const ServiceState = z.enum(['requested', 'domainReady', 'appletInstalled', 'failed'])

export const getServiceState = endpoint({
  name: 'GetServiceState',
  summary: '⑭: how far the deployment is',
  method: 'GET',
  path: '/services/:orderId',
  step: '⑭',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId }),
  reply: z.object({
    state: ServiceState,
    securityDomain: octets().optional(),
    instanceAid: octets().optional(),
    /** Key version of the initial key set, and ENC ‖ MAC ‖ DEK in an envelope of purpose `keySet` (standards/jpki). */
    keyVersion: z.number().int().min(1).max(0x7f).optional(),
    keySet: octets().optional(),
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
  request: z.object({ orderId: OrderId, action: z.enum(['personalize', 'suspend', 'resume']) }),
  reply: z.object({}),
})
