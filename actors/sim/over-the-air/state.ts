/** What a proactive UICC has in RAM: nothing of it outlives a reset. ETSI TS 102 223 §4. */
import type { Pending, ProactiveCommand, TerminalProfileData, TerminalResponseData } from '@mobile-jpki/ota'
import type { Explained } from '../domain/rules.ts'
import type { Channel } from '../domain/state.ts'
import type { Administration } from './administration/session.ts'

export interface Toolkit {
  /** What the terminal said that it can do; absent until it has. */
  profile: TerminalProfileData | undefined
  /** What the terminal is to do next, in order. */
  waiting: readonly Proactive[]
  /** Fetched, and not answered yet. */
  fetched: { readonly number: number; readonly proactive: Proactive } | undefined
  /** Number of the last proactive command. */
  number: number
  /** Parts of short messages that wait for the others. */
  messages: readonly Pending[]
  /** Security domains as scripts reach them, by AID. */
  readonly channels: Map<string, Channel>
  /** Numbers of those on which a chain of scripts goes on. */
  readonly chains: Set<number>
  /** Why the last command of a script was refused. */
  refusal: Explained | undefined
  /** The session over HTTP, one at a time. */
  administration: Administration | undefined
}

/** One thing for the terminal to do, and who wants to know how it went. */
export interface Proactive {
  command(number: number): ProactiveCommand
  answered?(response: TerminalResponseData): void
}

export const freshToolkit = (): Toolkit => ({
  profile: undefined,
  waiting: [],
  fetched: undefined,
  number: 0,
  messages: [],
  channels: new Map(),
  chains: new Set(),
  refusal: undefined,
  administration: undefined,
})
