/**
 * A keyring uses keys by name and never shows them. This one keeps them in files; the port has the shape of PKCS#11
 * (a key is named, made once, used, destroyed), so that a hardware module can stand behind it.
 */
import {
  createECDH,
  createHmac,
  createPrivateKey,
  createSecretKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import { keySigner, type Signer } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { keyFiles } from './key-files.ts'
import { KeyringError, seal, unseal } from './sealing.ts'
import type { SignerKind, SigningKeys } from './signing-keys.ts'

/** P-256 key agreement, SEC 1 §3.3.1. Points are uncompressed, 04 ‖ x ‖ y. */
export interface Agreement {
  readonly point: Uint8Array
  /** The x coordinate of the shared point. */
  agree(peerPoint: Uint8Array): Promise<Uint8Array>
}

export interface Keyring extends SigningKeys {
  /** AES-256-GCM. What is sealed opens only under the same key name and for the same context. */
  seal(name: string, plain: Uint8Array, context: string): Promise<Uint8Array>
  open(name: string, sealed: Uint8Array, context: string): Promise<Uint8Array>
  /** HMAC-SHA-256. */
  mac(name: string, octets: Uint8Array): Promise<Uint8Array>
  agreement(name: string): Promise<Agreement>
  /** Whether a key of that name was made, of whatever kind. */
  has(name: string): Promise<boolean>
  /** Random octets that stay the same: a master key that cards must be given too. The one key that can be taken out. */
  octets(name: string, length: number): Promise<Uint8Array>
}

const generate = promisify(generateKeyPair)

/** Keys are made at their first use. The directory and its files are readable by their owner only. */
export async function openKeyring(directory: string): Promise<Keyring> {
  const files = await keyFiles(directory)
  const used = new Map<string, Promise<unknown>>()

  /** A key is read from its file once; two first uses at the same time make one key. */
  const once = <T>(name: string, kind: string, read: () => Promise<T>): Promise<T> => {
    const use = `${kind} ${name}`
    const known = used.get(use) as Promise<T> | undefined
    const reading = known ?? read()
    if (known === undefined) {
      used.set(use, reading)
      reading.catch(() => used.delete(use))
    }
    return reading
  }
  const secretKey = (name: string, kind: 'seal' | 'mac'): Promise<KeyObject> =>
    once(name, kind, async () => createSecretKey(await files.read(name, kind, async () => randomBytes(32))))
  const find: SigningKeys['find'] = async (name, kind) => {
    const use = `${kind} ${name}`
    if (used.has(use)) return used.get(use) as Promise<Signer>
    const der = await files.find(name, kind)
    return der && signerOf(der)
  }

  return {
    seal: async (name, plain, context) => seal(await secretKey(name, 'seal'), plain, context),
    open: async (name, sealed, context) => unseal(await secretKey(name, 'seal'), sealed, context),
    mac: async (name, octets) =>
      new Uint8Array(
        createHmac('sha256', await secretKey(name, 'mac'))
          .update(octets)
          .digest(),
      ),
    find,
    signer: (name, kind) =>
      once(name, kind, async () =>
        signerOf(
          await files.read(name, kind, async () =>
            (await makers[kind]()).privateKey.export({ type: 'pkcs8', format: 'der' }),
          ),
        ),
      ),
    describe: async (name, kind) => {
      if ((await find(name, kind)) === undefined)
        throw new Refusal('key.not-found', `The keyring ${directory} holds no key ${name}.`)
      return { provider: 'files', sealed: 'AES-256-GCM' }
    },
    agreement: (name) =>
      once(name, 'agreement', async () => agreementOf(await files.read(name, 'agreement', makeAgreement))),
    octets: async (name, length) => {
      const octets = await once(name, 'octets', () => files.read(name, 'octets', async () => randomBytes(length)))
      if (octets.length !== length) throw new KeyringError(`${name} has ${octets.length} octets, not ${length}.`)
      return octets.slice()
    },
    has: (name) => files.has(name),
    erase: async (name) => {
      for (const use of used.keys()) if (use.endsWith(` ${name}`)) used.delete(use)
      await files.erase(name)
    },
  }
}

const signerOf = (der: Uint8Array): Signer =>
  keySigner(createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' }))

const makers = {
  'rsa-2048': () => generate('rsa', { modulusLength: 2048 }),
  'rsa-3072': () => generate('rsa', { modulusLength: 3072 }),
  'p-256': () => generate('ec', { namedCurve: 'P-256' }),
} as const satisfies Record<SignerKind, unknown>

async function makeAgreement(): Promise<Uint8Array> {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const scalar = pair.getPrivateKey()
  return Buffer.concat([Buffer.alloc(32 - scalar.length), scalar])
}

function agreementOf(scalar: Uint8Array): Agreement {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(scalar)
  return {
    point: new Uint8Array(pair.getPublicKey()),
    agree: async (peerPoint) => {
      if (peerPoint.length !== 65 || peerPoint[0] !== 0x04)
        throw new KeyringError('The point is not uncompressed P-256.')
      try {
        return new Uint8Array(pair.computeSecret(peerPoint))
      } catch (cause) {
        throw new KeyringError('The point is not on P-256.', { cause })
      }
    },
  }
}
