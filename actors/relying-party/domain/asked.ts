/** A login as it is kept, what is asked for with it, and what comes back. docs/protocols/login.md. */
import type { LoginPurpose } from '@mobile-jpki/jpki'
import type { Accepted, LoginRefused } from './verdict.ts'

export type Decided = Accepted | LoginRefused

export interface Login {
  readonly id: string
  /** Stays with the browser that began. */
  readonly ticket: string
  readonly nonce: Uint8Array
  readonly purpose: LoginPurpose
  readonly requester?: string
  readonly text?: string
  /** The matching number, and among which it is shown in the app. */
  readonly number: string
  readonly numbers: readonly string[]
  readonly begun: Date
  readonly expires: Date
  readonly decided?: Decided
}

/** Logins live for minutes: they need not outlive the process. */
export interface Logins {
  addLogin(login: Login): Promise<void>
  findLogin(id: string): Promise<Login | undefined>
  /** The first decision stands; answers whether it is this one. */
  decideLogin(id: string, decided: Decided): Promise<boolean>
}

/** What is asked of the person. */
export interface Wanted {
  /** `confirm` with a text, else `login`. */
  readonly text?: string | undefined
  /** For whom the site asks, when it is not for itself. */
  readonly requester?: string | undefined
}

/** What the app sends back. */
export interface Answer {
  readonly loginId: string
  readonly number: string
  readonly certificate: Uint8Array
  readonly signature: Uint8Array
}
