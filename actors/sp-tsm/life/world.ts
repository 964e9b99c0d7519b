/** What the rules of life events need from outside. */
import type { PinEnvelopes } from '../applet/pin-envelopes.ts'
import type { World } from '../domain/world.ts'
import type { EndReason } from './plans.ts'

/** How a phone's certificate stands in the register. */
export interface Standing {
  readonly orderId: string
  readonly serialNumber: string
  readonly state: 'valid' | 'held' | 'revoked' | 'expired'
  readonly notAfter: Date
  readonly reason?: string | undefined
  /** The serial number that came in its place. */
  readonly successor?: string | undefined
}

/** The JPKI system, as far as life events need it. */
export interface Register {
  stop(orderId: string): Promise<Standing>
  resume(orderId: string): Promise<Standing>
  end(orderId: string, reason: EndReason): Promise<Standing>
  ofSigner(signCertificate: string): Promise<readonly (Standing & { readonly iccid: string })[]>
  changes(): Promise<readonly (Standing & { readonly changeId: string })[]>
  confirm(changeIds: readonly string[]): Promise<unknown>
}

export interface LifeWorld extends World {
  readonly pins: PinEnvelopes
}
