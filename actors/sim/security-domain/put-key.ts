/** PUT KEY: new keys, or keys in the place of old ones; secret ones come under the session's DEK. GPCS v2.3.1 §11.8. */
import {
  type KeyBlock,
  keyCheckValue,
  keyTypes,
  type PutKey,
  PutKeyResponse,
  unwrapKey,
} from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { CardRefusal } from '../domain/rules.ts'
import { answer } from '../domain/state.ts'
import { type Key, keySet, putKeySet, removeKeySet } from './keys.ts'
import { type DomainAsked, sessionOf } from './rights.ts'

export function putKey(asked: DomainAsked, { p1: oldVersion, p2, data }: ParamsOf<typeof PutKey>): ResponseApdu {
  const { card, domain } = asked
  const { keyVersion, keys: blocks } = data
  const { keyIdentifier, several } = p2
  if (keyVersion < 0x01 || keyVersion > 0x7f || keyIdentifier === 0) throw new CardRefusal('key.version')
  if (blocks.length > 1 && !several) throw new CardRefusal('apdu.data', 'P2 says one key, several came.')
  const old = keySet(card.nvm, domain.aid, oldVersion)
  if (oldVersion !== 0 && old === undefined) throw new CardRefusal('key.no-such-version')
  if (keyVersion !== oldVersion && keySet(card.nvm, domain.aid, keyVersion) !== undefined)
    throw new CardRefusal('key.exists')

  const received = blocks.map((block, at) => open(asked, block, keyIdentifier + at))
  const kept = (old?.keys ?? []).filter(({ id }) => !received.some(({ key }) => key.id === id))
  if (old !== undefined && keyVersion !== oldVersion) removeKeySet(card.nvm, domain.aid, oldVersion)
  putKeySet(
    card.nvm,
    domain.aid,
    keyVersion,
    [...kept, ...received.map(({ key }) => key)].sort((a, b) => a.id - b.id),
  )
  const checkValues = received.flatMap(({ checkValue }) => (checkValue === undefined ? [] : [checkValue]))
  return answer(PutKeyResponse.encode({ keyVersion, checkValues }))
}

interface Received {
  readonly key: Key
  readonly checkValue: Uint8Array | undefined
}

const publicTypes: readonly number[] = [
  keyTypes['RSA public exponent'],
  keyTypes['RSA modulus'],
  keyTypes['ECC public key'],
  keyTypes['ECC field parameter p'],
  keyTypes['ECC field parameter a'],
  keyTypes['ECC field parameter b'],
  keyTypes['ECC field parameter g'],
  keyTypes['ECC field parameter n'],
  keyTypes['ECC field parameter k'],
  keyTypes['ECC key parameters reference'],
]

function open(asked: DomainAsked, block: KeyBlock, id: number): Received {
  const { components } = block
  const [first, ...more] = components
  if (first !== undefined && more.length === 0 && (first.type === keyTypes.AES || first.type === keyTypes.DES)) {
    const unwrapped = unwrapKey(sessionOf(asked).state, block)
    if (unwrapped === 'wrong-check-value') throw new CardRefusal('key.check-value')
    const { type, key } = unwrapped
    const checkValue = keyCheckValue(type, key)
    return { key: { id, components: [{ type: first.type, value: key }] }, checkValue }
  }
  if (components.length === 0 || !components.every(({ type, value }) => publicTypes.includes(type) && value.length > 0))
    throw new CardRefusal('key.type')
  return { key: { id, components }, checkValue: undefined }
}
