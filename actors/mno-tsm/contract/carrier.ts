/**
 * A SIM type as data: what the card is, and how its carrier manages it. One declaration checks every type, those of
 * the configuration as well as one that an engineer writes into a file. docs/sim.md tells what each property does.
 */
import { z } from 'zod'
import { CarrierId } from './base.ts'

const hex = (min: number, max: number) =>
  z
    .string()
    .regex(/^(?:[0-9A-F]{2})*$/, 'write octets in upper-case hexadecimal')
    .refine((text) => text.length >= 2 * min && text.length <= 2 * max, `${min} to ${max} octets are possible`)

/** The TCK makes the exclusive-or of all octets after TS zero, wherever another protocol than T=0 is offered. ISO/IEC 7816-3 §8.2.5. */
const AnswerToReset = hex(2, 33).refine((text) => {
  const octets = Uint8Array.fromHex(text)
  return octets[0] === 0x3b && octets.subarray(1).reduce((sum, octet) => sum ^ octet, 0) === 0
}, 'an answer to reset begins with 3B and ends with its check octet')

const KeyVersion = hex(1, 1)

/** A key set of the issuer security domain. GPCS annex E and Amendment D; key versions by GP UICC Configuration §4. */
export const IssuerKeySet = z
  .discriminatedUnion('scp', [
    z.strictObject({
      scp: z.literal(2),
      i: z.enum(['15', '35', '55', '75']),
      keyVersion: KeyVersion.refine((version) => /^2/.test(version), 'SCP02 has key versions 20 to 2F'),
      keyBits: z.literal(128),
      diversification: z.enum(['emv-cps-1.1', 'visa2', 'none']),
    }),
    z.strictObject({
      scp: z.literal(3),
      /** The last bit is S16 mode: challenges and MACs of sixteen octets. */
      i: z.enum(['00', '01', '10', '11', '20', '21', '30', '31', '60', '61', '70', '71']),
      keyVersion: KeyVersion.refine((version) => /^3/.test(version), 'SCP03 has key versions 30 to 3F'),
      keyBits: z.literal([128, 192, 256]),
      diversification: z.enum(['kdf3', 'none']),
    }),
  ])
  .readonly()
export type IssuerKeySet = z.output<typeof IssuerKeySet>

export const SignatureAlgorithm = z.enum(['rsa-1024', 'rsa-2048', 'p-256'])
export type SignatureAlgorithm = z.output<typeof SignatureAlgorithm>
const ReceiptAlgorithm = z.enum(['des', 'aes-128', 'aes-256'])

/** Who manages what SP brings. GPCS §9.1.3. */
const Management = z
  .discriminatedUnion('model', [
    z.strictObject({ model: z.literal('simple') }),
    z.strictObject({ model: z.literal('authorized') }),
    /** SP-TSM does, by tokens of the carrier; the card answers with receipts. */
    z.strictObject({ model: z.literal('delegated'), tokens: SignatureAlgorithm, receipts: ReceiptAlgorithm }),
  ])
  .readonly()

export const Bearer = z.enum(['agent', 'scp80', 'scp81'])
export type Bearer = z.output<typeof Bearer>

export const SimType = z
  .strictObject({
    description: z.string().min(1).max(120),
    atr: AnswerToReset,
    /** The first answers to key version 00. */
    keySets: z.array(IssuerKeySet).min(1).max(4).readonly(),
    /** Least security level of commands that change the card: C-MAC, or C-MAC and C-DECRYPTION. */
    minimumLevel: z.enum(['01', '03']),
    management: Management,
    /** Every load file must carry a signature of this kind. GPCS §9.2.1. */
    mandatedDap: z.enum([...SignatureAlgorithm.options, 'none']),
    /** A CASD that attests keys made in the card. GPCS Amendment A. */
    controllingAuthority: z.boolean(),
    /** Access rules in the card (ARA-M): which apps of a device reach which application. GP Secure Element Access Control. */
    accessRules: z.boolean(),
    bearers: z.array(Bearer).min(1).readonly(),
    /** Octets of the longest command data field. */
    largestData: z.int().min(255).max(0xffff),
    memory: z.strictObject({ nonVolatile: z.int().min(8 << 10), volatile: z.int().min(1 << 10) }).readonly(),
    rsa: z.strictObject({ longest: z.literal([1024, 2048, 4096]), generation: z.boolean() }).readonly(),
    javaCard: z.string().regex(/^\d+\.\d+(?:\.\d+)?$/),
    /** The carrier lets the applet sign without a PIN (PINなし認証). */
    pinless: z.boolean(),
    logicalChannels: z.int().min(1).max(4),
  })
  .refine(
    ({ keySets }) => new Set(keySets.map(({ keyVersion }) => keyVersion)).size === keySets.length,
    'two key sets have one key version',
  )
  .refine(
    ({ management, largestData }) =>
      management.model !== 'delegated' || management.tokens !== 'rsa-2048' || largestData >= 0x180,
    'a token of RSA-2048 does not fit into 255 octets of data',
  )
  .readonly()
export type SimType = z.output<typeof SimType>

/** A phone that the carrier has tested with its SIMs. */
export const SupportedDevice = z
  .strictObject({
    model: z.string().min(1).max(64),
    os: z.string().min(1).max(32),
    /** The first version of its system with a TSM proxy agent. */
    minimumVersion: z.number(),
    /** The carrier that sold it under this model name; none: sold by its maker. */
    seller: CarrierId.optional(),
    /** As sold it takes only SIMs on its seller's network (SIMロック). */
    simLock: z.boolean().default(false),
  })
  .refine(({ seller, simLock }) => seller !== undefined || !simLock, 'a SIM lock is to the network of a seller')
  .readonly()
export type SupportedDevice = z.output<typeof SupportedDevice>

export const Carrier = z
  .strictObject({
    name: z.string(),
    /** An MVNO's SIMs are managed by the carrier on whose network it runs. */
    host: CarrierId.optional(),
    /** 89, country code, issuer. ITU-T E.118. */
    iccidPrefix: z.string().regex(/^89\d{3,5}$/),
    simTypes: z.record(z.string().regex(/^[a-z]-[a-z0-9-]+$/), SimType).readonly(),
    /** An MVNO without a list of its own takes its host's. */
    devices: z.array(SupportedDevice).readonly().optional(),
    /** Names of issuer master keys by key version, where they have other names than `carrier-x.issuer-30.128`. */
    masterKeys: z.record(KeyVersion, z.string()).readonly().optional(),
  })
  .readonly()
export type Carrier = z.output<typeof Carrier>

/** What is public of a carrier: its numbers, and whose network it runs on. */
export const KnownCarrier = z
  .strictObject({ name: z.string(), iccidPrefix: z.string(), host: CarrierId.optional() })
  .readonly()
export type KnownCarrier = z.output<typeof KnownCarrier>
