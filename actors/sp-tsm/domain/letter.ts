/** Letters (mail to the applicant) as the domain means them; the words are in mail/. None holds a secret but the access code's. */
import type { ActorName } from '@mobile-jpki/refusal'
import type { Order, OrderEvent, Trouble } from './order.ts'

/** What a letter says, by its kind. */
export interface Contents {
  readonly accessCode: { readonly expires: string }
  readonly completed: Record<string, never>
  readonly failed: Pick<Trouble, 'code'>
  readonly expired: Record<string, never>
  readonly cancelled: { readonly by: 'user' | 'operator' }
  /** So many days before the certificate in the phone ends. */
  readonly expiring: { readonly days: 90 | 30 | 7; readonly notAfter: string }
  readonly pinReset: Record<string, never>
  readonly stopped: { readonly at: string }
  readonly resumed: { readonly at: string }
  readonly ended: { readonly at: string }
  /** The SIM proved that nothing of it is left. */
  readonly deleted: { readonly at: string }
  readonly bound: { readonly model: string }
  readonly bindAgain: { readonly model: string }
  readonly applyAgain: { readonly because: 'cardStopped' | 'cardEnded' | 'simRenewed' }
  readonly numberChanged: { readonly lastDigits: string }
}
export type LetterKind = keyof Contents
export type Letter = { [K in LetterKind]: LetterOf<K> }[LetterKind]

interface LetterOf<K extends LetterKind> {
  readonly kind: K
  /** Whoever asks twice for the same letter sends one: what tells it from others of its kind for that order. */
  readonly name: string
  readonly content: Contents[K]
  /** The access code, sealed under the order's id; erased once the mail server has taken the mail. */
  readonly sealedCode?: Uint8Array
}

/** Letters that a change of state brings with it. */
export function letterAbout(order: Order, event: OrderEvent, trouble?: Trouble, by?: ActorName): Letter | undefined {
  switch (event) {
    case 'activate':
      return { kind: 'completed', name: '', content: {} }
    case 'expire':
      return { kind: 'expired', name: '', content: {} }
    case 'cancel':
      return { kind: 'cancelled', name: '', content: { by: by === 'operator' ? 'operator' : 'user' } }
    case 'refuse':
      // Whoever is refused at once is told by the answer to ②.
      return order.setback && trouble && { kind: 'failed', name: '', content: { code: trouble.code } }
    case 'fail':
      return trouble && { kind: 'failed', name: '', content: { code: trouble.code } }
    default:
      return undefined
  }
}
