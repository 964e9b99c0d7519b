/** PUT KEY: new keys, or keys in the place of old ones; secret ones come under the session's DEK. GPCS v2.3.1 §11.8. */
import {
  type KeyBlock,
  keyCheckValue,
  keyTypes,
  type PutKey,
  PutKeyResponse,
  publicKeyOf,
  unwrapKey,
} from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import { CardRefusal } from '../domain/rules.ts'
import { answer } from '../domain/state.ts'
import { keyVersions } from './delegation.ts'
import { type Key, keySet, putKeySet, removeKeySet, toPersonalized } from './keys.ts'
import { type DomainAsked, keyEncryptionOf } from './rights.ts'

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

  const received = blocks.map((block, at) => open(asked, block, keyIdentifier + at, keyVersion))
  const kept = (old?.keys ?? []).filter(({ id }) => !received.some(({ key }) => key.id === id))
  if (old !== undefined && keyVersion !== oldVersion) removeKeySet(card.nvm, domain.aid, oldVersion)
  putKeySet(
    card.nvm,
    domain.aid,
    keyVersion,
    [...kept, ...received.map(({ key }) => key)].sort((a, b) => a.id - b.id),
  )
  toPersonalized(card, domain)
  const checkValues = received.flatMap(({ checkValue }) => (checkValue === undefined ? [] : [checkValue]))
  return answer(PutKeyResponse.encode({ keyVersion, checkValues }))
}

interface Received {
  readonly key: Key
  readonly checkValue: Uint8Array | undefined
}

/** By their version, UICC Configuration §4: what checks or ciphers must be able to. */
const kinds: Readonly<Record<number, 'public' | 'symmetric'>> = {
  [keyVersions.token]: 'public',
  [keyVersions.receipt]: 'symmetric',
  [keyVersions.dap]: 'public',
  [keyVersions.cipher]: 'symmetric',
}

function open(asked: DomainAsked, block: KeyBlock, id: number, keyVersion: number): Received {
  const { components } = block
  const [first, ...more] = components
  const symmetric = first?.type === keyTypes.AES || first?.type === keyTypes.DES
  const kind = kinds[keyVersion]
  if (kind !== undefined && (kind === 'symmetric') !== symmetric) throw new CardRefusal('key.type')
  if (first !== undefined && more.length === 0 && symmetric) {
    const unwrapped = unwrapKey(keyEncryptionOf(asked), block)
    if (unwrapped === 'wrong-check-value') throw new CardRefusal('key.check-value')
    const { type, key } = unwrapped
    const checkValue = keyCheckValue(type, key)
    return { key: { id, components: [{ type: first.type, value: key }] }, checkValue }
  }
  needPublicKey(components)
  return { key: { id, components }, checkValue: undefined }
}

/** RSA of 1024 to 4096 bits, or a point on P-256, P-384 or P-521. GPCS §B.3, §B.4. */
function needPublicKey(components: KeyBlock['components']): void {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = publicKeyOf(components)
    const bits = asymmetricKeyDetails?.modulusLength ?? 0
    if (asymmetricKeyType === 'rsa' && (bits < 1024 || bits > 4096)) throw new CardRefusal('key.type')
  } catch (error) {
    if (error instanceof TlvError) throw new CardRefusal('key.type', `${error.message}.`)
    throw error
  }
}
