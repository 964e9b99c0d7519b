/** The My Number card (マイナンバーカード) in software: made at the municipal counter, used by APDU. */
export type { Card, CardOrder, CardWorld, CertificatePair, CounterCard, PublicKeys } from './contract.ts'
export { answerToReset, openMyNumberCard } from './domain/card.ts'
export { counterCard } from './domain/counter-card.ts'
export {
  isPersonalised,
  personalise,
  putCertificates,
  renewKey,
  resetPin,
} from './domain/personalisation.ts'
