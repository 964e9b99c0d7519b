/** What SP-TSM's rules need from outside. */
import type { ParsedCertificate } from '@mobile-jpki/pkix'
import type { Trace } from '@mobile-jpki/trace'
import type { ApplicationForm } from '../contract.ts'
import type { Orders } from './order.ts'

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

export interface World {
  readonly orders: Orders
  readonly secrets: Secrets
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly newId: () => string
  readonly trace: Trace
  readonly carriers: ReadonlyMap<string, Carrier>
  readonly jpki: JpkiSystem
  readonly mail: Mail
  readonly casdAuthorities: readonly Uint8Array[]
  /** Path, policy and OCSP status (③) of a sign certificate; a Refusal if it is not good. */
  readonly verifySignCertificate: (certificate: Uint8Array, order: string) => Promise<ParsedCertificate>
}

/** The MNO-TSM of one carrier. */
export interface Carrier {
  eligibilityOfSim(
    iccid: string,
    device: { readonly model: string; readonly os: string },
  ): Promise<Eligibility & { readonly unfit?: 'sim' | 'device' | undefined }>
  eligibilityOfLine(iccid: string, msisdn: string, applicant: string): Promise<Eligibility>
  deploy(orderId: string, iccid: string): Promise<{ readonly url: string; readonly sessionId: string }>
  deployment(orderId: string): Promise<Deployment>
  /** For the carrier's SIM registry: the applet is personalized. */
  personalized(orderId: string): Promise<unknown>
  /** The initial key set in the clear, opened from the carrier's envelope: ENC ‖ MAC ‖ DEK. */
  openKeySet(
    envelope: Uint8Array,
    binding: { readonly orderId: string; readonly iccid: string; readonly securityDomain: Uint8Array },
  ): Promise<Uint8Array>
}

export interface Deployment {
  readonly state: 'requested' | 'domainReady' | 'appletInstalled' | 'failed'
  readonly securityDomain?: Uint8Array | undefined
  readonly instanceAid?: Uint8Array | undefined
  readonly keyVersion?: number | undefined
  readonly keySet?: Uint8Array | undefined
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
  }): Promise<{ serialNumber?: string | undefined }>
  /** ⑥–⑨ on card, behind ⑮. */
  certifyPhoneKey(request: Attested): Promise<{ serialNumber: string }>
  /** ⑯ ⑰ */
  collectPhoneCertificate(request: Attested): Promise<{ issuerEnvelope: Uint8Array }>
  provePossession(request: { orderId: string; signature: Uint8Array }): Promise<{ serialNumber: string }>
  discardPhoneCertificate(request: { orderId: string }): Promise<unknown>
}

export interface Mail {
  /** ⑪ */
  sendAccessCode(to: string, code: string, expires: Date): Promise<void>
}
