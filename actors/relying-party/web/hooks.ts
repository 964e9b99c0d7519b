/** Where a service comes in when the library serves the login protocol. docs/relying-party.md. */
import type { Accepted } from '../domain/verdict.ts'

export type HeaderFields = Readonly<Record<string, string>>

export interface LoginHooks {
  /** Told once of each login or agreement that is accepted, before the app hears of it: the moment to book what was agreed to. */
  readonly onAccepted?: (accepted: Accepted) => Promise<void> | void
  /** The page that began asks how it ended, and goes on as somebody: header fields for that answer, such as Set-Cookie. */
  readonly session?: (accepted: Accepted) => Promise<HeaderFields> | HeaderFields
  /** A page may begin a login by itself, if not said; agreements are begun by the service alone. */
  readonly pagesBegin?: boolean
}
