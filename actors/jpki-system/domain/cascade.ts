/**
 * What becomes of a person's certificates when something happens to the person or to the card: one table, by JPKI's CPS (失効理由) and
 * the linkage of ⑧. README.md shows the same table; a test compares.
 */
import type { CertificateKind } from '@mobile-jpki/jpki'
import type { RevocationReason } from '../contract.ts'

export const kinds = ['sign', 'auth', 'phoneAuth'] as const satisfies readonly CertificateKind[]

/** RFC 5280 §5.3.1, or that the certificate stays as it is. */
type Consequence = RevocationReason | 'stays'

// biome-ignore format: a table, one line each
export const consequences = {
  /** 異動: moved house, changed name, or a recorded item was corrected. Only the sign certificate states the four items. */
  itemsChanged: { sign: 'affiliationChanged', auth: 'stays', phoneAuth: 'stays' },
  died: { sign: 'cessationOfOperation', auth: 'cessationOfOperation', phoneAuth: 'cessationOfOperation' },
  /** 国外転出 */
  emigrated: { sign: 'cessationOfOperation', auth: 'cessationOfOperation', phoneAuth: 'cessationOfOperation' },
  /** 一時停止, by the hotline that answers day and night. Never released: a phone or card that turns up again gets new certificates. */
  cardStopped: { sign: 'certificateHold', auth: 'certificateHold', phoneAuth: 'certificateHold' },
  /** 紛失届, at the counter. The phone's own key is not compromised by the loss of a card: what ends is its ground. */
  cardLost: { sign: 'keyCompromise', auth: 'keyCompromise', phoneAuth: 'cessationOfOperation' },
  /** 返納 */
  cardReturned: { sign: 'cessationOfOperation', auth: 'cessationOfOperation', phoneAuth: 'cessationOfOperation' },
  /** 更新, 再交付: another card, or new keys in the same one. */
  cardRenewed: { sign: 'superseded', auth: 'superseded', phoneAuth: 'superseded' },
  /** A new sign key for the same four items. */
  signRenewed: { sign: 'superseded', auth: 'stays', phoneAuth: 'stays' },
  /** One phone per person. */
  phoneReplaced: { sign: 'stays', auth: 'stays', phoneAuth: 'superseded' },
} as const satisfies Record<string, Readonly<Record<CertificateKind, Consequence>>>
export type LifeEvent = keyof typeof consequences

/** Where the card's auth certificate alone is revoked, for this reason, the phone's goes with it for that one. */
export const inheritedReasons: Readonly<Record<RevocationReason, RevocationReason>> = {
  unspecified: 'cessationOfOperation',
  keyCompromise: 'cessationOfOperation',
  cACompromise: 'cACompromise',
  affiliationChanged: 'cessationOfOperation',
  superseded: 'superseded',
  cessationOfOperation: 'cessationOfOperation',
  certificateHold: 'certificateHold',
}
