/** The acts that the journal keeps, and how it names what they are about. README.md explains them; a test compares. */
import type { Recorder } from '@mobile-jpki/journal'
import type { AuthorityName, Generation, Register } from './world.ts'

export const acts = [
  'ceremony.abandoned',
  'ceremony.begun',
  'ceremony.finished',
  'certificate.held',
  'certificate.issued',
  'certificate.released',
  'certificate.revoked',
  'generation.made',
  'key.destroyed',
  'key.handed-over',
  'list.published',
  'order.discarded',
  'order.reserved',
  'person.changed',
  'person.enrolled',
  'possession.proved',
  'responder.certified',
  'terminal.certified',
  'terminal.enrolled',
  'terminal.revoked',
] as const
export type ActName = (typeof acts)[number]

/** The register within a transaction: what is recorded here stands and falls with it. */
export interface Held extends Register {
  readonly journal: Recorder<ActName>
}

/** `auth/41b2…`: the certificate by that serial number of that authority. */
export const certificateNamed = (one: { readonly authority: AuthorityName; readonly serialNumber: string }): string =>
  `${one.authority}/${one.serialNumber}`
/** `sign-2`; with a partition `sign-2/13221`. */
export const generationNamed = (one: Pick<Generation, 'name' | 'generation'>, partition?: string): string =>
  `${one.name}-${one.generation}${partition === undefined ? '' : `/${partition}`}`
