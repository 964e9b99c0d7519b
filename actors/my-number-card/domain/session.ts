/**
 * What a card forgets without power.
 *
 *   card manager ──SELECT of the JPKI application──▶ JPKI application ↻ files, PINs
 *        ▲                                                   │
 *        └────────── reset, SELECT of the card manager ──────┘
 *
 * A PIN holds until reset or until an application is selected, be it the same.
 */
import type { CertificateUse } from '@mobile-jpki/jpki'

export interface CardManager {
  readonly selected: 'cardManager'
}
export interface JpkiApplication {
  readonly selected: 'jpki'
  /** Identifier of the current elementary file. */
  readonly file?: number
  readonly verified: ReadonlySet<CertificateUse>
}
export type Session = CardManager | JpkiApplication

export const afterReset: Session = { selected: 'cardManager' }
export const afterSelection: Session = { selected: 'jpki', verified: new Set() }

export const withVerified = (session: JpkiApplication, use: CertificateUse, isVerified: boolean): JpkiApplication => {
  const others = [...session.verified].filter((one) => one !== use)
  return { ...session, verified: new Set(isVerified ? [...others, use] : others) }
}
