/** What terminals need around them. */
import type { World } from '../domain/world.ts'
import type { TerminalCa } from './authority.ts'

export interface TerminalTerms {
  /** Days that a certificate holds, the first one counted. */
  readonly certificateDays: number
  /** Hours after which a list counts no more. */
  readonly listHours: number
}

export interface TerminalWorld extends Pick<World, 'now' | 'random' | 'register'> {
  readonly ca: TerminalCa
  readonly terms: TerminalTerms
}
