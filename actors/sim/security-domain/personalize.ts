/** INSTALL [for personalization] and STORE DATA: to an application through its security domain, or to the security domain itself. GPCS v2.3.1 §7.3.3, §11.11. */
import {
  type InstallForPersonalization,
  isLocked,
  KeySetDescription,
  keyGroupings,
  keyTypes,
  type StoreData,
  takeGroupings,
  unwrapKey,
} from '@mobile-jpki/globalplatform'
import { isNormalOrWarning, type ParamsOf, type ResponseApdu } from '@mobile-jpki/iso7816'
import { concat, readTlvs, sameOctets } from '@mobile-jpki/tlv'
import { INSTALLED, PERSONALIZED } from '../domain/life-cycle.ts'
import { type Application, existing } from '../domain/registry.ts'
import { CardRefusal, refusedByApplication } from '../domain/rules.ts'
import { answer, type Personalizing } from '../domain/state.ts'
import { runningProgram } from '../program/instances.ts'
import { keepDataObject } from './data.ts'
import { type Key, keySet, putKeySet } from './keys.ts'
import { done } from './load.ts'
import { type DomainAsked, isIssuer, needNearest, sessionOf } from './rights.ts'

export function announcePersonalization(
  asked: DomainAsked,
  { data }: ParamsOf<typeof InstallForPersonalization>,
): ResponseApdu {
  const { card, channel } = asked
  channel.personalizing = undefined
  const target = existing(card.registry.application(data.application), 'install.no-application')
  needNearest(asked, target)
  if (target.kind === 'authority') throw new CardRefusal('personalize.no-target')
  if (isLocked(target.lifeCycle) || target.lifeCycle === INSTALLED) throw new CardRefusal('install.state')
  const itself = sameOctets(target.aid, asked.domain.aid)
  if (target.kind === 'securityDomain' && !itself && target.lifeCycle === PERSONALIZED)
    throw new CardRefusal('install.state', 'It has keys of its own: only who has them may go on.')
  channel.personalizing = { target: target.aid, nextBlock: 0, rest: new Uint8Array() }
  return done()
}

/** Without INSTALL [for personalization] before it, the data is for the security domain itself. */
export function storeData(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof StoreData>): ResponseApdu {
  const { card, channel, domain, apdu } = asked
  const present = channel.personalizing ?? { target: domain.aid, nextBlock: 0, rest: new Uint8Array() }
  if (p2 !== present.nextBlock % 0x100) throw new CardRefusal('personalize.order')
  const target = existing(card.registry.application(present.target), 'personalize.no-target')
  const next = { ...present, nextBlock: present.nextBlock + 1 }
  if (target.kind === 'program') {
    const response = runningProgram(asked, target).call({ name: 'storeData', p1: apdu.p1, p2, data })
    if (!isNormalOrWarning(response.sw)) throw refusedByApplication(response)
    channel.personalizing = p1.last ? undefined : next
    return response
  }
  const left = p1.structure === 'dgi' ? storeGroupings(asked, target, next, data, p1.encryption) : next
  if (p1.structure === 'ber-tlv') for (const { tag, value } of readTlvs(data)) keepDataObject(asked, target, tag, value)
  if (p1.structure === 'none') throw new CardRefusal('personalize.format')
  if (p1.last && (left.rest.length > 0 || left.keySet !== undefined))
    throw new CardRefusal('personalize.format', 'The last block came, and data is missing.')
  channel.personalizing = p1.last ? undefined : left
  return answer()
}

/** Key sets: their description, then one grouping for each key. GPCS §11.11.4.2. */
function storeGroupings(
  asked: DomainAsked,
  target: Application,
  present: Personalizing,
  data: Uint8Array,
  encryption: string,
): Personalizing {
  const { groupings, rest } = takeGroupings(concat(present.rest, data))
  let { keySet: pending } = present
  for (const { identifier, value } of groupings) {
    if (identifier === keyGroupings.description && pending === undefined) {
      const description = KeySetDescription.decode(value)
      pending = { description, keys: [] }
      checkDescription(asked, target, description)
    } else if (identifier === keyGroupings.symmetricKey && pending !== undefined) {
      if (encryption !== 'encrypted') throw new CardRefusal('personalize.encryption')
      pending = { ...pending, keys: [...pending.keys, openKey(asked, pending, value)] }
    } else throw new CardRefusal('personalize.format')
    if (pending.keys.length === pending.description.keys.length) {
      keepKeySet(asked, target, pending)
      pending = undefined
    }
  }
  return { target: present.target, nextBlock: present.nextBlock, rest, ...(pending && { keySet: pending }) }
}

type PendingKeySet = NonNullable<Personalizing['keySet']>

function checkDescription({ card }: DomainAsked, { aid }: Application, { keyVersion, keys }: KeySetDescription): void {
  if (keyVersion < 0x01 || keyVersion > 0x7f || keys.some(({ keyIdentifier }) => keyIdentifier === 0))
    throw new CardRefusal('key.version')
  if (keys.length === 0) throw new CardRefusal('personalize.format')
  if (keySet(card.nvm, aid, keyVersion) !== undefined) throw new CardRefusal('key.exists')
}

function openKey(asked: DomainAsked, { description, keys }: PendingKeySet, wrapped: Uint8Array): Key {
  const { type } = description
  if (type !== keyTypes.AES && type !== keyTypes.DES) throw new CardRefusal('key.type')
  const reference = description.keys[keys.length]
  if (reference === undefined) throw new CardRefusal('personalize.format')
  const { checkValue, keyIdentifier } = reference
  const unwrapped = unwrapKey(sessionOf(asked).state, { components: [{ type, value: wrapped }], checkValue })
  if (unwrapped === 'wrong-check-value') throw new CardRefusal('key.check-value')
  if (unwrapped.key.length !== description.length) throw new CardRefusal('personalize.format')
  return { id: keyIdentifier, components: [{ type, value: unwrapped.key }] }
}

/** With keys of its own, a supplementary security domain is personalized. GPCS §5.3.2.3. */
function keepKeySet({ card }: DomainAsked, target: Application, { description, keys }: PendingKeySet): void {
  const { registry, nvm } = card
  putKeySet(nvm, target.aid, description.keyVersion, keys)
  if (!isIssuer(registry, target)) registry.put({ ...target, lifeCycle: PERSONALIZED })
}
