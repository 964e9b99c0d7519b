/** A card in the hands of the municipal counter: what personalisation.ts does, with the card's memory behind it. */
import type { Nvm } from '@mobile-jpki/nvm'
import type { CardWorld, CounterCard } from '../contract.ts'
import { cell } from './memory.ts'
import { isPersonalised, personalise, publicKeysOf, putCertificates, renewKey } from './personalisation.ts'

export const counterCard = (nvm: Nvm, world: CardWorld, leave: () => void): CounterCard => ({
  isPersonalised: () => isPersonalised(nvm),
  personalise: (order) => personalise(nvm, order, world),
  publicKeys: () => publicKeysOf(nvm),
  certificate: (use) => nvm.get(cell.certificate(use)),
  awaitsCertificate: (use) => nvm.get(cell.newPrivateKey(use)) !== undefined,
  renewKey: (use) => renewKey(nvm, use),
  putCertificates: (use, pair) => putCertificates(nvm, use, pair),
  [Symbol.dispose]: leave,
})
