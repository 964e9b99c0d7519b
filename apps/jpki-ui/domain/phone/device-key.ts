/**
 * The app's own key on this phone, made at its first start: P-256, so that SP-TSM knows the phone again. docs/protocols/access-code.md.
 *
 * The page keeps it in IndexedDB as a key that nobody can take out, the page itself included (W3C Web Cryptography §13). An app that has no
 * IndexedDB, because it is no page, keeps it in the phone’s storage, sealed there; what it kept is the key of a page that opens later.
 */
import { pointOf, signDevice } from '@mobile-jpki/jpki'
import { call } from '@mobile-jpki/service/call'
import { type DeviceProof, getChallenge } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe, remember, remembered } from './device.ts'

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** Where the pair stands; the one that was kept first is the app's. */
interface Place {
  find(): Promise<CryptoKeyPair | undefined>
  /** Answers the pair that is kept from now on. */
  keep(): Promise<CryptoKeyPair>
}

/** The public point, 04‖x‖y. */
export const devicePoint = async (device: Device): Promise<Uint8Array> => pointOf((await pairOf(device)).publicKey)

/** What the phone says for `purpose`; `orderId` is empty where the app knows of no application. A phone that only asks keeps no key for it. */
export async function deviceProof(device: Device, purpose: string, orderId: string): Promise<DeviceProof> {
  const { privateKey, publicKey } = (await (purpose === 'use' ? keptPair(device) : pairOf(device))) ?? (await oneTime())
  const { iccid = '', spTsm: origin } = await describe(device)
  const { challenge } = await call(device.spTsm, getChallenge, {})
  const signature = await signDevice(privateKey, { purpose, origin, orderId, iccid, challenge })
  return { key: await pointOf(publicKey), challenge, signature }
}

const oneTime = () => crypto.subtle.generateKey(curve, false, ['sign', 'verify'])

async function pairOf(device: Device): Promise<CryptoKeyPair> {
  return (await keptPair(device)) ?? (await ifItMay((database) => database.keep())) ?? inStorage(device).keep()
}

const keptPair = async (device: Device): Promise<CryptoKeyPair | undefined> =>
  (await ifItMay((database) => database.find())) ?? inStorage(device).find()

/** undefined where there is no database, or in a window that may keep nothing. */
async function ifItMay<T>(work: (database: Place) => Promise<T>): Promise<T | undefined> {
  const databases: IDBFactory | undefined = globalThis.indexedDB
  if (databases === undefined) return undefined
  try {
    return await work(inDatabase(databases))
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    return undefined
  }
}

const storeName = 'keys'
const keyName = 'device'

const inDatabase = (databases: IDBFactory): Place => ({
  find: () => within(databases, 'readonly', (keys) => keys.get(keyName)),
  keep: async () => {
    const pair = await oneTime()
    // `add` fails where another window was first: whatever stands there then is the key.
    await within(databases, 'readwrite', (keys) => keys.add(pair, keyName)).catch(() => undefined)
    const kept = await within<CryptoKeyPair | undefined>(databases, 'readonly', (keys) => keys.get(keyName))
    if (kept === undefined) throw new DOMException('The key of this phone cannot be kept.', 'NotReadableError')
    return kept
  },
})

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

async function within<T>(
  databases: IDBFactory,
  mode: IDBTransactionMode,
  work: (keys: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = databases.open('jpki-ui', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(storeName)
  const database = await settled(opening)
  try {
    return await settled(work(database.transaction(storeName, mode).objectStore(storeName)))
  } finally {
    database.close()
  }
}

interface Kept {
  readonly privateKey: JsonWebKey
  readonly publicKey: JsonWebKey
}

const inStorage = (device: Device): Place => ({
  find: async () => {
    const kept = await remembered<Kept>(device, 'device-key')
    return (
      kept && {
        privateKey: await imported(kept.privateKey, 'sign'),
        publicKey: await imported(kept.publicKey, 'verify'),
      }
    )
  },
  keep: async () => {
    const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.exportKey('jwk', pair.privateKey),
      crypto.subtle.exportKey('jwk', pair.publicKey),
    ])
    await remember(device, 'device-key', { privateKey, publicKey } satisfies Kept)
    return pair
  },
})

const imported = (key: JsonWebKey, use: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey('jwk', key, curve, use === 'verify', [use])
