/**
 * Delegated management: a security domain manages content by a token of the issuer, and the card confirms with a
 * receipt. And DAP: a security domain answers for what is loaded. GPCS v2.3.1 §9.1.3, §9.2, §C.3 to §C.5.
 */
import {
  Confirmation,
  type DapBlock,
  Delete,
  InstallForInstall,
  InstallForLoad,
  keyTypes,
  makeReceipt,
  publicKeyOf,
  type ReceiptContext,
  TokenControl,
  verifyGp,
  verifyToken,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu, ResponseApdu } from '@mobile-jpki/iso7816'
import { concat, sameOctets, unsigned } from '@mobile-jpki/tlv'
import { type Application, domainsAbove } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { answer, type CardContext } from '../domain/state.ts'
import { type Key, keySet } from './keys.ts'
import { type DomainAsked, has, isIssuer } from './rights.ts'

/** Key versions by use: GP UICC Configuration §4. Always key identifier 01. */
export const keyVersions = { token: 0x70, receipt: 0x71, dap: 0x73, cipher: 0x75 } as const

export const keyOf = ({ nvm }: CardContext, domain: Uint8Array, use: keyof typeof keyVersions): Key | undefined =>
  keySet(nvm, domain, keyVersions[use])?.keys.find(({ id }) => id === 1)

export type Permission = 'own' | 'delegated'

/** Loading, installing, extraditing, deleting: the issuer, authorized management, or delegated management with a token. */
export function managementOf({ card, domain }: DomainAsked): Permission {
  if (isIssuer(card.registry, domain) || has(domain, 'authorizedManagement')) return 'own'
  if (!has(domain, 'delegatedManagement')) throw new CardRefusal('privilege.content')
  return 'delegated'
}

/** The issuer's, for this command; in a combined process for its first INSTALL as well. GPCS §C.4. */
export function needToken({ card, apdu }: DomainAsked, first?: CommandApdu): void {
  const key = keyOf(card, card.registry.issuer.aid, 'token')
  if (key === undefined) throw new CardRefusal('privilege.token', 'The issuer has no token key in this card.')
  if (!verifyToken(publicKeyOf(key.components), apdu, first)) throw new CardRefusal('privilege.token')
  useUp(card, controlIn(apdu))
}

const numberPlace = 'card/token-number'
const tokenNumber = unsigned(4)

/** A token that names a card and has a number is for this card, and serves once: numbers go up. docs/divergences.md. */
function useUp({ nvm, registry }: CardContext, control: Uint8Array | undefined): void {
  if (control === undefined) return
  const { cardImageNumber, tokenNumber: number } = TokenControl.decode(control)
  if (!sameOctets(cardImageNumber, cardNumber({ nvm, registry }, '45')))
    throw new CardRefusal('privilege.token', 'The token is for another card.')
  if (number <= tokenNumber.decode(nvm.get(numberPlace) ?? tokenNumber.encode(0)))
    throw new CardRefusal('privilege.token', 'The token was used before, or one that was given later.')
  nvm.set(numberPlace, tokenNumber.encode(number))
}

function controlIn(apdu: CommandApdu): Uint8Array | undefined {
  if (InstallForLoad.matches(apdu)) return InstallForLoad.fromApdu(apdu).data.parameters?.digitalSignature
  if (InstallForInstall.matches(apdu)) return InstallForInstall.fromApdu(apdu).data.parameters?.digitalSignature
  return Delete.matches(apdu) ? Delete.fromApdu(apdu).data.digitalSignature : undefined
}

export function needContentManagement(asked: DomainAsked): Permission {
  const permission = managementOf(asked)
  if (permission === 'delegated') needToken(asked)
  return permission
}

const counterPlace = 'card/confirmation-counter'
const counter = unsigned(2)

/** Receipts given so far: GET DATA C2. */
export const confirmations = ({ nvm }: Pick<CardContext, 'nvm'>): Uint8Array =>
  nvm.get(counterPlace) ?? counter.encode(0)

/** 00, or for what was delegated a receipt, where the issuer has a key for it. GPCS §11.1.6. */
export function confirm({ card }: DomainAsked, permission: Permission, context: ReceiptContext): ResponseApdu {
  const component =
    permission === 'delegated' ? keyOf(card, card.registry.issuer.aid, 'receipt')?.components[0] : undefined
  if (component === undefined) return answer(Confirmation.encode(undefined))
  const data = { counter: counter.decode(confirmations(card)) + 1, cardUniqueData: cardUniqueData(card) }
  card.nvm.set(counterPlace, counter.encode(data.counter))
  const key = { type: component.type === keyTypes.DES ? 'DES' : 'AES', key: component.value } as const
  return answer(Confirmation.encode({ receipt: makeReceipt(key, data, context), data }))
}

/** Issuer and card identification number, as GET DATA 42 and 45 have them. */
const cardUniqueData = (card: CardContext): Uint8Array => concat(cardNumber(card, '42'), cardNumber(card, '45'))

const cardNumber = ({ nvm, registry }: Pick<CardContext, 'nvm' | 'registry'>, tag: '42' | '45'): Uint8Array =>
  nvm.get(`instance/${registry.issuer.aid.toHex()}/data/${tag}`) ?? new Uint8Array()

/**
 * Each DAP must verify under its security domain's key; the domain the load file goes to wants one if it, or one above
 * it, has DAP verification, and a domain with mandated DAP verification wants one for every load file.
 */
export function checkDap(
  card: CardContext,
  target: Application,
  blocks: readonly DapBlock[],
  hash: Uint8Array | undefined,
): void {
  for (const { securityDomain, signature } of blocks) {
    const key = keyOf(card, securityDomain, 'dap')
    const domain = card.registry.application(securityDomain)
    if (key === undefined || hash === undefined || domain === undefined || !verifiesDap(domain))
      throw new CardRefusal('load.dap')
    if (!verifyGp(publicKeyOf(key.components), hash, signature)) throw new CardRefusal('load.dap')
  }
  const wanting = [
    ...[target, ...domainsAbove(card.registry, target)].filter((domain) => has(domain, 'dapVerification')),
    ...card.registry.applications().filter((domain) => has(domain, 'mandatedDapVerification')),
  ]
  for (const { aid } of wanting)
    if (!blocks.some(({ securityDomain }) => sameOctets(securityDomain, aid))) throw new CardRefusal('load.dap')
}

const verifiesDap = (domain: Application) => has(domain, 'dapVerification') || has(domain, 'mandatedDapVerification')
