/** A terminal as the register has it, and the words of its certificates. docs/protocols/pin-less.md. */
import type { TerminalRole } from '@mobile-jpki/jpki'

export interface TerminalRecord {
  readonly terminalId: string
  readonly institution: string
  readonly role: TerminalRole
  /** P-256, 04‖x‖y: the terminal's own. */
  readonly publicKey: Uint8Array
  readonly enrolledAt: Date
  /** YYYY-MM-DD. */
  readonly certifiedUntil?: string
  readonly revokedAt?: Date
}

export interface Terminals {
  find(terminalId: string): Promise<TerminalRecord | undefined>
  all(): Promise<readonly TerminalRecord[]>
  revoked(): Promise<readonly TerminalRecord[]>
  /** The answer says whether the name was free. */
  add(record: Omit<TerminalRecord, 'certifiedUntil' | 'revokedAt'>): Promise<boolean>
  certified(terminalId: string, until: string): Promise<void>
  /** The answer says whether it was not before. */
  revoke(terminalId: string, at: Date): Promise<boolean>
  /** The latest list of revoked terminals, as it was signed. */
  list(): Promise<Uint8Array | undefined>
  /** Only when there is none of that number; the answer says whether there was none. */
  publish(number: number, list: Uint8Array): Promise<boolean>
}

/** `terminal/T0001`, as the journal names it. */
export const terminalNamed = (terminalId: string): string => `terminal/${terminalId}`
