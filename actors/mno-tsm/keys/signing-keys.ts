/**
 * The private keys by which a carrier allows content management: tokens, and signatures over load files. One for each carrier, use
 * and algorithm, made at its first use, sealed under the keyring in the store, where every process finds the same one.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { makeToken, signGp } from '@mobile-jpki/globalplatform'
import type { Keyring } from '@mobile-jpki/keyring'
import type { SignatureAlgorithm } from '../contract.ts'
import type { DapKey, SigningKeyRecords, TokenKey } from '../domain/world.ts'

const sealingKey = 'carrier-signing-keys'

const generate = promisify(generateKeyPair)
const makers = {
  'rsa-1024': () => generate('rsa', { modulusLength: 1024 }),
  'rsa-2048': () => generate('rsa', { modulusLength: 2048 }),
  'p-256': () => generate('ec', { namedCurve: 'P-256' }),
} as const satisfies Record<SignatureAlgorithm, unknown>

type Sealing = Pick<Keyring, 'seal' | 'open'>

/** Those that were read from the store, by name: they stay the same. */
export type ReadKeys = Map<string, KeyObject>

export function signingKeys(keyring: Sealing, records: SigningKeyRecords, read: ReadKeys) {
  const privateKey = async (name: string, algorithm: SignatureAlgorithm): Promise<KeyObject> => {
    const known = read.get(name)
    if (known !== undefined) return known
    const sealed = await records.find(name)
    if (sealed === undefined)
      return opened(keyring, name, await records.keep(name, await made(keyring, name, algorithm)))
    const key = await opened(keyring, name, sealed)
    read.set(name, key)
    return key
  }
  return {
    token: async (carrier: string, algorithm: SignatureAlgorithm): Promise<Omit<TokenKey, 'keyVersion'>> => {
      const key = await privateKey(`${carrier}.token.${algorithm}`, algorithm)
      return { spki: spkiOf(key), sign: (apdu, first) => makeToken(key, apdu, first) }
    },
    dap: async (carrier: string, algorithm: SignatureAlgorithm): Promise<Pick<DapKey, 'spki' | 'sign'>> => {
      const key = await privateKey(`${carrier}.dap.${algorithm}`, algorithm)
      return { spki: spkiOf(key), sign: (hash) => signGp(key, hash) }
    },
  }
}

async function opened({ open }: Sealing, name: string, sealed: Uint8Array): Promise<KeyObject> {
  const der = await open(sealingKey, sealed, name)
  const key = createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' })
  der.fill(0)
  return key
}

async function made({ seal }: Sealing, name: string, algorithm: SignatureAlgorithm): Promise<Uint8Array> {
  const { privateKey } = await makers[algorithm]()
  return seal(sealingKey, privateKey.export({ type: 'pkcs8', format: 'der' }), name)
}

const spkiOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
