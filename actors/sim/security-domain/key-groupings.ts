/** Data groupings that a security domain takes: key sets under the session's DEK, or set up confidentially. GPCS v2.3.1 §11.11.4.2, Amendment A §4. */
import {
  confidentialGroupings,
  KeySetDescription,
  keyGroupings,
  keyTypes,
  takeGroupings,
  unwrapKey,
} from '@mobile-jpki/globalplatform'
import { concat } from '@mobile-jpki/tlv'
import { setUpConfidentially } from '../controlling-authority/confidential-set-up.ts'
import type { Application } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import type { Personalizing } from '../domain/state.ts'
import { type Key, keySet, putKeySet, toPersonalized } from './keys.ts'
import { type DomainAsked, isIssuer, keyEncryptionOf } from './rights.ts'

/** A key set comes as its description, then one grouping for each key; a confidential one as certificate and message. */
export function storeGroupings(
  asked: DomainAsked,
  target: Application,
  present: Personalizing,
  data: Uint8Array,
  encryption: string,
): { readonly left: Personalizing; readonly answer: Uint8Array } {
  const { groupings, rest } = takeGroupings(concat(present.rest, data))
  let { keySet: pending, certificate } = present
  let answer: Uint8Array = new Uint8Array()
  for (const { identifier, value } of groupings) {
    if (pending === undefined && certificate === undefined) {
      if (identifier === keyGroupings.description) pending = { description: described(asked, target, value), keys: [] }
      else if (identifier === confidentialGroupings.certificate) certificate = value
      else throw new CardRefusal('personalize.format')
    } else if (pending !== undefined && identifier === keyGroupings.symmetricKey) {
      if (encryption !== 'encrypted') throw new CardRefusal('personalize.encryption')
      pending = { ...pending, keys: [...pending.keys, openKey(asked, pending, value)] }
    } else if (certificate !== undefined && identifier === confidentialGroupings.message) {
      if (isIssuer(asked.card.registry, target)) throw new CardRefusal('personalize.no-target')
      answer = concat(answer, setUpConfidentially(asked.card, target, certificate, value))
      certificate = undefined
    } else throw new CardRefusal('personalize.format')
    if (pending !== undefined && pending.keys.length === pending.description.keys.length) {
      putKeySet(asked.card.nvm, target.aid, pending.description.keyVersion, pending.keys)
      toPersonalized(asked.card, target)
      pending = undefined
    }
  }
  const { target: aid, nextBlock } = present
  const left = {
    target: aid,
    nextBlock,
    rest,
    ...(pending && { keySet: pending }),
    ...(certificate && { certificate }),
  }
  return { left, answer }
}

type PendingKeySet = NonNullable<Personalizing['keySet']>

function described({ card }: DomainAsked, { aid }: Application, value: Uint8Array): KeySetDescription {
  const description = KeySetDescription.decode(value)
  const { keyVersion, keys } = description
  if (keyVersion < 0x01 || keyVersion > 0x7f || keys.some(({ keyIdentifier }) => keyIdentifier === 0))
    throw new CardRefusal('key.version')
  if (keys.length === 0) throw new CardRefusal('personalize.format')
  if (keySet(card.nvm, aid, keyVersion) !== undefined) throw new CardRefusal('key.exists')
  return description
}

function openKey(asked: DomainAsked, { description, keys }: PendingKeySet, wrapped: Uint8Array): Key {
  const { type } = description
  if (type !== keyTypes.AES && type !== keyTypes.DES) throw new CardRefusal('key.type')
  const reference = description.keys[keys.length]
  if (reference === undefined) throw new CardRefusal('personalize.format')
  const { checkValue, keyIdentifier } = reference
  const unwrapped = unwrapKey(keyEncryptionOf(asked), { components: [{ type, value: wrapped }], checkValue })
  if (unwrapped === 'wrong-check-value') throw new CardRefusal('key.check-value')
  if (unwrapped.key.length !== description.length) throw new CardRefusal('personalize.format')
  return { id: keyIdentifier, components: [{ type, value: unwrapped.key }] }
}
