/** What the provider needs around it. Time, chance and neighbours come in here. */
import type { Refusal } from '@mobile-jpki/refusal'
import type { Acr } from '../contract.ts'
import type { AccountWorld } from './account.ts'
import type { Artifacts } from './artifacts.ts'

/** How a login in the app stands. docs/protocols/login.md. */
export type Outcome =
  | { readonly state: 'waiting' | 'expired' }
  | { readonly state: 'accepted'; readonly serialNumber: string; readonly acr: Acr }
  | { readonly state: 'refused'; readonly refusal: Refusal }

/** The site of the login protocol that the provider is: it asks the app, on behalf of a service. */
export interface Logins {
  begin(requester: string): Promise<BegunLogin>
  outcomeOf(loginId: string, ticket: string): Promise<Outcome>
}

export interface BegunLogin {
  readonly loginId: string
  /** Who has it hears the outcome; it stays in the provider, under the interaction of one browser. */
  readonly ticket: string
  readonly appLink: string
  /** Shown on the page, chosen in the app. */
  readonly number: string
  readonly expires: Date
}

export interface World extends AccountWorld {
  readonly artifacts: Artifacts
  readonly logins: Logins
  /** A certificate that was shown in TLS, whose key was proved there: answers what it is, or why not. */
  readonly judge: (certificate: Uint8Array) => Promise<Outcome>
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
}
