/** What SP-TSM's rules need from outside. */
import type { DomainOwner, LoadFile, OneTimeKey, Received } from '@mobile-jpki/content-management'
import type { Attester, TerminalAuthority } from '@mobile-jpki/jpki'
import type { ConfidentialSetUp, DomainTerms } from '@mobile-jpki/mno-tsm/contract'
import type { ParsedCertificate } from '@mobile-jpki/pkix'
import type { Element } from '@mobile-jpki/seram'
import type { Trace } from '@mobile-jpki/trace'
import type { ApplicationForm, Hindrance } from '../contract.ts'
import type { Lives } from '../life/lives.ts'
import type { Register } from '../life/world.ts'
import type { Quotas } from '../rates.ts'
import type { Challenges } from './device.ts'
import type { Contents, LetterKind } from './letter.ts'
import type { Order, Orders } from './order.ts'
import type { Archive, Leases, Outbox, PinRelay, Rates } from './orders.ts'

export type { ConfidentialSetUp, DomainTerms }

/** Keys stay behind this: the domain asks for what they do. */
export interface Secrets {
  /** For reading back later; `context` must be the same then. */
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>
  /** HMAC-SHA-256, to find a secret again without keeping it. */
  mac(octets: Uint8Array): Promise<Uint8Array>
}

export interface Eligibility {
  readonly eligible: boolean
  readonly reasons: readonly string[]
}

export interface SimEligibility extends Eligibility {
  /** The kind of each reason. */
  readonly hindrances: readonly Hindrance[]
  readonly unfit?: 'sim' | 'device' | undefined
  readonly keyModes?: readonly ApplicationForm['keyGeneration'][] | undefined
  /** A CASD attests keys that were made in the SIM; it does if not said. */
  readonly casd?: boolean | undefined
}

export interface World {
  readonly orders: Orders
  readonly lives: Lives
  readonly leases: Leases
  readonly outbox: Outbox
  readonly archive: Archive
  readonly rates: Rates
  readonly pinRelay: PinRelay
  readonly quotas: Quotas
  readonly challenges: Challenges
  readonly secrets: Secrets
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly newId: () => string
  /** As phones know us: what their keys sign is for nobody else. */
  readonly origin: () => string
  readonly trace: Trace
  readonly carriers: ReadonlyMap<string, Carrier>
  readonly jpki: JpkiSystem
  readonly register: Register
  readonly mail: Mail
  readonly casdAuthorities: readonly Uint8Array[]
  /** SHA-256 of the load file data block of every applet that was ever given out. */
  readonly applets: readonly Uint8Array[]
  /** The applet, for carriers that leave content to us. */
  readonly loadFile: LoadFile
  /** As what the controlling authority certified us: without it, carriers make the first keys of an SP area. */
  readonly owner?: DomainOwner | undefined
  readonly oneTimeKey: () => OneTimeKey
  /** The CA whose terminals a phone may be used at without PIN; no phone is, if there is none. */
  readonly terminalAuthority?: TerminalAuthority | undefined
  /** By this we vouch for applets in SIMs that have no CASD; `sign` answers r‖s. */
  readonly voucherKey: { readonly point: Uint8Array; sign(octets: Uint8Array): Promise<Uint8Array> }
  /** Path, policy and OCSP status (③) of a sign certificate; a Refusal if it is not good. */
  readonly verifySignCertificate: (certificate: Uint8Array, order: string) => Promise<ParsedCertificate>
}

/** The MNO-TSM of one carrier. */
export interface Carrier {
  eligibilityOfSim(
    iccid: string,
    device: { readonly model: string; readonly os: string },
    keyMode: ApplicationForm['keyGeneration'],
  ): Promise<SimEligibility>
  eligibilityOfLine(iccid: string, msisdn: string, applicant: string): Promise<Eligibility>
  /** With `setUp` the SIM gets our own keys, which the carrier cannot read. */
  deploy(
    orderId: string,
    iccid: string,
    setUp?: ConfidentialSetUp,
  ): Promise<{ readonly agent: { readonly url: string; readonly sessionId: string }; readonly terms: DomainTerms }>
  /** GenerateDMToken: for commands that are whole but for it. */
  tokens(
    orderId: string,
    commands: readonly Uint8Array[],
  ): Promise<readonly { readonly control: Uint8Array; readonly token: Uint8Array }[]>
  /** VerifyDMReceipt. */
  verifyReceipts(orderId: string, receipts: readonly Received[]): Promise<unknown>
  deployment(orderId: string): Promise<Deployment>
  /** For the carrier's SIM registry: what was done to the applet. */
  actionDone(orderId: string, action: 'install' | 'personalize' | 'suspend' | 'resume'): Promise<unknown>
  /** The order ended before its certificate was in use: what was made for it in the SIM is cleared. Told twice, it is done once. */
  terminate(orderId: string): Promise<unknown>
  /** How SP-TSM itself reaches SIMs of that carrier after ⑬; absent where the phone's agent comes. */
  readonly overTheAir?: OverTheAir | undefined
  /** The initial key set in the clear, opened from the carrier's envelope: ENC ‖ MAC ‖ DEK. */
  openKeySet(
    envelope: Uint8Array,
    binding: { readonly orderId: string; readonly iccid: string; readonly securityDomain: Uint8Array },
  ): Promise<Uint8Array>
}

export interface OverTheAir {
  readonly bearer: NonNullable<Order['bearer']>
  /** Rejects with a Refusal where the SIM does not answer. Over when `signal` is aborted. */
  converse(order: Order, signal: AbortSignal): Promise<{ readonly element: Element; end(): Promise<void> }>
}

export interface Deployment {
  readonly state: 'requested' | 'domainReady' | 'appletInstalled' | 'failed'
  readonly securityDomain?: Uint8Array | undefined
  readonly instanceAid?: Uint8Array | undefined
  readonly keyVersion?: number | undefined
  readonly keySet?: Uint8Array | undefined
  readonly terms?: DomainTerms | undefined
  /** The carrier's signature over the hash of the load file. */
  readonly dap?: { readonly securityDomain: Uint8Array; readonly signature: Uint8Array } | undefined
  readonly refusal?: { readonly code: string; readonly detail: string } | undefined
}

/** What the SIM's CASD says of a key of the applet. */
export interface Attested {
  readonly orderId: string
  readonly iccid: string
  readonly instanceAid: Uint8Array
  readonly attestation: Uint8Array
}

export interface JpkiSystem {
  /** ⑥–⑨; on card, the order alone. */
  requestPhoneCertificate(request: {
    orderId: string
    signCertificate: string
    iccid: string
    keyGeneration: ApplicationForm['keyGeneration']
    attestedBy: Attester
  }): Promise<{ serialNumber?: string | undefined }>
  /** ⑥–⑨ on card, behind ⑮. */
  certifyPhoneKey(request: Attested): Promise<{ serialNumber: string }>
  /** ⑯ ⑰ */
  collectPhoneCertificate(request: Attested): Promise<{ issuerEnvelope: Uint8Array }>
  provePossession(request: {
    orderId: string
    signature: Uint8Array
  }): Promise<{ serialNumber: string; notAfter: string }>
  discardPhoneCertificate(request: { orderId: string }): Promise<unknown>
}

/** A letter to be sent; `id` is the same however often it is tried. */
export type Mailing = {
  [K in LetterKind]: {
    readonly id: string
    readonly to: string
    readonly language: 'ja' | 'en'
    readonly kind: K
    readonly content: Contents[K]
    /** Of the kind accessCode. */
    readonly code?: string
  }
}[LetterKind]

export interface Mail {
  send(mailing: Mailing): Promise<void>
}
