/** What the applet remembers: items in the card's non-volatile memory, and a session that ends at reset or deselection. */
import type { CardApi } from '@mobile-jpki/sim/contract'

export type Item =
  | 'state'
  | 'configuration'
  /** Id of the order that the envelope key was made for. */
  | 'order'
  /** Private key (32) ‖ point (65). */
  | 'envelopeKey'
  /** RsaCrt of standards/jpki. */
  | 'privateKey'
  /** Order for which the card made the key itself. */
  | 'onCardOrder'
  | 'certificate'
  | 'caCertificate'
  | 'pin'
  | 'tries'
  /** Order that was finished. */
  | 'delivered'
  /** The person's switch for PIN-less use: there is one where it is on. */
  | 'pinLess'
  /** The latest day that a terminal's certificate told of, four octets of BCD. */
  | 'lastDay'

export interface Memory {
  get(item: Item): Uint8Array | undefined
  set(item: Item, value?: Uint8Array): void
  keys(): string[]
}

export interface Context {
  readonly card: Omit<CardApi, 'nvm'> & { readonly nvm: Memory }
  readonly session: Session
}

export interface Session {
  /** Identifier of the current EF. */
  current: number | undefined
  /** The user-authentication PIN was verified. */
  verified: boolean
  /** How far a terminal has come in proving who it is; pin-less.ts. */
  terminal: TerminalSession
}

interface Keyed {
  readonly point: Uint8Array
  /** SHA-256 of the terminal's certificate. */
  readonly certificate: Uint8Array
}
export type TerminalSession =
  | { readonly state: 'idle' }
  | (Keyed & { readonly state: 'keyed' })
  | (Keyed & { readonly state: 'challenged'; readonly challenge: Uint8Array })
  | (Keyed & { readonly state: 'authenticated'; readonly statementDigest: Uint8Array })

export const idle: TerminalSession = { state: 'idle' }

export const newSession = (): Session => ({ current: undefined, verified: false, terminal: idle })

export const clear = (session: Session): void => void Object.assign(session, newSession())

export const erase = ({ card }: Context, ...items: readonly Item[]): void => {
  for (const item of items) card.nvm.set(item)
}
