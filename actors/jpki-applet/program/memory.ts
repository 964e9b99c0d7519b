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
}

export function clear(session: Session): void {
  session.current = undefined
  session.verified = false
}

export const erase = ({ card }: Context, ...items: readonly Item[]): void => {
  for (const item of items) card.nvm.set(item)
}
