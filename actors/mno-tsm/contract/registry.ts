/** The registry of SIMs: how one comes into it, and what the carrier sees in it. */
import { endpoint, instant, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, CarrierId, Iccid, Imsi, Msisdn, OrderId, PersonName } from './base.ts'
import { Device } from './eligibility.ts'

export const simStates = ['known', 'domainCreated', 'appletInstalled', 'personalized', 'suspended', 'disposed'] as const
export const lineStates = ['inService', 'suspended', 'ended'] as const

/** Who has the contract (契約者), and who uses the line (利用者) where it is somebody else. */
const Holders = z.object({ subscriber: PersonName, user: PersonName.optional() })

const Key = secret(octets({ min: 16, max: 32 }))
const KeyVersion = z.int().min(0x01).max(0x7f)
const KeySet = z.object({ keyVersion: KeyVersion, enc: Key, mac: Key, dek: Key })
/** SubjectPublicKeyInfo, RFC 5280 §4.1.2.7. */
const PublicKey = z.object({ keyVersion: KeyVersion, spki: octets() })

/** All that the maker writes into one SIM. */
export const MakerKeys = z.object({
  /** The issuer security domain’s, in the order of the type. */
  keySets: z.array(KeySet.extend({ scp: z.literal([2, 3]), i: z.int() })).min(1),
  /** Delegated management: verifies the carrier’s tokens. GPCS §C.4. */
  token: PublicKey.optional(),
  /** Delegated management: the SIM makes receipts under it. GPCS §C.5. */
  receipt: z.object({ keyVersion: KeyVersion, type: z.enum(['DES', 'AES']), key: Key }).optional(),
  /** Mandated DAP: the security domain that verifies load files, and its key. GPCS §9.2.1. */
  dap: PublicKey.extend({ securityDomain: octets({ min: 5, max: 16 }) }).optional(),
  /** SCP80: KIc, KID and DEK. ETSI TS 102 225 §5.1.1. */
  overTheAir: z
    .object({ keyVersion: KeyVersion, type: z.enum(['DES', 'AES']), kic: Key, kid: Key, dek: Key })
    .optional(),
  /** SCP81: the pre-shared key and its DEK, key identifiers 01 and 02. GPCS Amendment B §3.2. */
  psk: z.object({ keyVersion: KeyVersion, identity: z.string(), key: Key, dek: Key }).optional(),
})
export type MakerKeys = z.output<typeof MakerKeys>

export const provisionSim = endpoint({
  name: 'provisionSim',
  summary: 'A new SIM, and its line if it has one already',
  description:
    'The reply holds what the maker writes into it: the SIM’s own keys, diversified, and the carrier’s public ones. In reality they travel in a batch file under a transport key; the town’s maker asks for them here. Asked again, the answer is the same, whatever the function call.',
  method: 'POST',
  path: '/sims',
  callers: ['system'],
  refusals: ['carrier.elsewhere', 'conditions.not-satisfied', 'reference.not-found'],
  request: BaseRequest.extend({
    iccid: Iccid,
    /** The first ten octets of the SIM's answer to INITIALIZE UPDATE. */
    keyDiversificationData: octets({ min: 10, max: 10 }),
    /** A SIM type of the carrier. */
    profile: z.string().max(64),
    line: Holders.extend({ msisdn: Msisdn }).optional(),
  }),
  reply: BaseReply.extend({
    imsi: Imsi,
    /** Issuer and card identification numbers: together the SEID. GPCS §7.4.1.1. */
    iin: octets(),
    cin: octets(),
    keys: MakerKeys,
  }),
  status: 201,
})

const Sim = z.object({
  iccid: Iccid,
  carrier: CarrierId,
  seId: z.string(),
  imsi: Imsi,
  profile: z.string(),
  keyVersion: KeyVersion,
  state: z.enum(simStates),
  /** The SIM that took its place. */
  successor: Iccid.optional(),
  orderId: OrderId.optional(),
})

const Line = Holders.extend({
  msisdn: Msisdn,
  carrier: CarrierId,
  iccid: Iccid,
  state: z.enum(lineStates),
  device: Device.optional(),
})
export type SimEntry = z.output<typeof Sim>
export type LineEntry = z.output<typeof Line>

const page = { carrier: CarrierId.optional(), after: z.string().max(64).optional() }

export const listCarriers = endpoint({
  name: 'listCarriers',
  summary: 'The carriers that this TSM serves, and those that it knows of',
  method: 'GET',
  path: '/carriers',
  callers: ['operator'],
  request: z.object({}),
  reply: z.object({
    carriers: z.array(
      z.object({
        carrier: CarrierId,
        name: z.string(),
        iccidPrefix: z.string(),
        host: CarrierId.optional(),
        served: z.boolean(),
        simTypes: z.array(z.string()),
        sims: z.int(),
        lines: z.int(),
        /** Notifications that SP-TSM has not taken yet. */
        waiting: z.int(),
      }),
    ),
  }),
})

export const listSims = endpoint({
  name: 'listSims',
  summary: 'The SIMs in the registry by ICCID, a page at a time',
  description: '`after` is the last ICCID of the page before; `next` is there when there are more.',
  method: 'GET',
  path: '/sims',
  callers: ['operator'],
  request: z.object(page),
  reply: z.object({ sims: z.array(Sim), next: z.string().optional() }),
})

export const showSim = endpoint({
  name: 'showSim',
  summary: 'One SIM: its entry, its lines, what became of the orders for it, and what SP-TSM is still to be told',
  method: 'GET',
  path: '/sims/:iccid',
  callers: ['operator'],
  refusals: ['reference.not-found'],
  request: z.object({ iccid: Iccid }),
  reply: z.object({
    sim: Sim,
    lines: z.array(Line),
    deployments: z.array(
      z.object({
        orderId: OrderId,
        state: z.string(),
        requestedAt: instant(),
        refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
      }),
    ),
    notifications: z.array(
      z.object({
        name: z.string(),
        happenedAt: instant(),
        tries: z.int(),
        takenAt: instant().optional(),
        trouble: z.string().optional(),
      }),
    ),
  }),
})

export const listLines = endpoint({
  name: 'listLines',
  summary: 'The lines by number, a page at a time',
  method: 'GET',
  path: '/lines',
  callers: ['operator'],
  request: z.object(page),
  reply: z.object({ lines: z.array(Line), next: z.string().optional() }),
})

export const showLine = endpoint({
  name: 'showLine',
  summary: 'The lines that have, or had, a number: one for each carrier here',
  method: 'GET',
  path: '/lines/:msisdn',
  callers: ['operator'],
  refusals: ['reference.not-found'],
  request: z.object({ msisdn: Msisdn }),
  reply: z.object({ lines: z.array(Line) }),
})
