/** What a carrier's TSM promises SP-TSM: functions of GlobalPlatform System Messaging 2.x, as JSON over mutual TLS. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const Iccid = z.string().regex(/^\d{18,20}$/)
const OrderId = z.uuid()
export const Device = z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) })
const Eligibility = z.object({ eligible: z.boolean(), reasons: z.array(z.string()) })

export const checkGlobalEligibility = endpoint({
  name: 'CheckGlobalEligibility',
  summary: 'Can this SIM in this phone take the service?',
  method: 'POST',
  path: '/eligibility/global',
  callers: ['sp-tsm'],
  request: z.object({ iccid: Iccid, device: Device }),
  /** `unfit` is the phone where a SIM that can stands in one that cannot. */
  reply: Eligibility.extend({ unfit: z.enum(['sim', 'device']).optional() }),
})

export const checkMobileSubscriptionEligibility = endpoint({
  name: 'CheckMobileSubscriptionEligibility',
  summary: 'Is the line in service, with this SIM, and the applicant’s own?',
  method: 'POST',
  path: '/eligibility/subscription',
  callers: ['sp-tsm'],
  request: z.object({ iccid: Iccid, msisdn: z.string().regex(/^0\d{9,10}$/), applicant: z.string().min(1).max(100) }),
  reply: Eligibility,
})

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
      msisdn: z.string().regex(/^0\d{9,10}$/),
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
