/**
 * What the My Number card promises its peers: a card that is reached by APDU alone, and what the municipal counter
 * (市区町村窓口) writes into a new one. The commands are those of `@mobile-jpki/jpki` (card-application.ts).
 */
import type { CertificateUse } from '@mobile-jpki/jpki'

export type { Card } from '@mobile-jpki/iso7816'

/** What the counter decides for a new card. A person under 15 has no sign password, key and certificate. */
export interface CardOrder {
  /** Up to 16 characters, as the token information shows it. */
  readonly serialNumber: string
  readonly pins: { readonly auth: string; readonly sign?: string }
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), DER, of the keys that the card made itself. */
export type PublicKeys = Readonly<Partial<Record<CertificateUse, Uint8Array>>>

/** DER, for a key that the card made. */
export interface CertificatePair {
  readonly certificate: Uint8Array
  readonly caCertificate: Uint8Array
}

export interface CardWorld {
  readonly random: (length: number) => Uint8Array
}

/** A card in the counter's hands; disposed of when it leaves them. */
export interface CounterCard extends Disposable {
  /** A blank card is not. */
  isPersonalised(): boolean
  personalise(order: CardOrder): Promise<PublicKeys>
  /** Of each use the newest key, whether its certificate is in the card or not. */
  publicKeys(): PublicKeys
  /** The one that is in the card. */
  certificate(use: CertificateUse): Uint8Array | undefined
  /** A key is in the card, and its certificate is not: the counter was interrupted. */
  awaitsCertificate(use: CertificateUse): boolean
  /** A new key; the present one works until the certificate of the new one is in. */
  renewKey(use: CertificateUse): Promise<Uint8Array>
  putCertificates(use: CertificateUse, pair: CertificatePair): void
}
