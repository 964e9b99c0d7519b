/** Keys that sign in a token behind PKCS#11 v2.40: made there, never out of it. The same port as keys in files. */
import { randomBytes } from 'node:crypto'
import { algorithms, derEcdsaSignature } from '@mobile-jpki/pkix'
import { type Signer, sha256, verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { Handle } from 'pkcs11js'
import { checkName } from '../key-files.ts'
import type { SignerKind, SigningKeys } from '../signing-keys.ts'
import { type Connection, connect } from './connection.ts'
import { asRefusal, isLost, returnValueOf } from './errors.ts'
import {
  attributesOf,
  destroyBy,
  destroyPair,
  generatePair,
  idOf,
  kindOf,
  privateKeysBy,
  publicKeyOf,
} from './key-objects.ts'
import { loadModule } from './module.ts'
import { type PinSource, readPin } from './pin.ts'

export interface TokenSettings {
  /** The file of the PKCS#11 module. */
  readonly module: string
  /** The label of the token. */
  readonly token: string
  readonly pin: PinSource
  /** How many signatures at a time; each takes a thread of the process while it lasts. */
  readonly sessions?: number
}

export interface Token extends SigningKeys {
  close(): Promise<void>
}

/** As FIPS 140 asks of a new pair: what the one half signs, the other verifies. */
async function isPair({ algorithm, publicKey, sign }: Signer): Promise<boolean> {
  const octets = new Uint8Array(randomBytes(32))
  return verifySignature({ algorithm: algorithms[algorithm], publicKey, octets, signature: await sign(octets) })
}

/** DigestInfo of SHA-256 up to the digest: RFC 8017 §9.2, note 1. */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex')

export async function openToken({ module: path, token: label, pin, sessions = 4 }: TokenSettings): Promise<Token> {
  const module = await loadModule(path)
  const { functions, names } = module
  const refused = new Set<string>()
  let connecting: Promise<Connection> | undefined

  const connected = (): Promise<Connection> => {
    connecting ??= connect({ module, label, sessions, pin: () => readPin(pin), refused }).catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return connecting
  }
  /** When the connection was lost, once more over a new one: a restarted token is met with no more than that. */
  async function use<T>(
    doing: string,
    work: (session: Handle, connection: Connection) => Promise<T> | T,
    mayAgain = true,
  ): Promise<T> {
    const asked = connected()
    const connection = await asked
    try {
      return await connection.lend(async (session) => work(session, connection))
    } catch (error) {
      if (isLost(error) && connecting === asked) {
        connecting = undefined
        // Somebody logged out, and left the sessions open; of any other loss no handle is left that could be closed.
        if (returnValueOf(error) === 'CKR_USER_NOT_LOGGED_IN') void connection.close()
      }
      if (isLost(error) && mayAgain) return use(doing, work, false)
      throw asRefusal(error, `${doing} with the token ${label}`)
    }
  }

  const handleOf = (
    session: Handle,
    { keys, assertLoggedIn }: Connection,
    name: string,
    kind: SignerKind,
  ): Handle | undefined => {
    const known = keys.get(`${kind} ${name}`)
    if (known !== undefined) return known
    const [found, other] = privateKeysBy(module, session, name)
    if (found === undefined) {
      assertLoggedIn(session)
      return undefined
    }
    if (other !== undefined) throw new Refusal('key.already-there', `The token ${label} holds two keys named ${name}.`)
    const is = kindOf(module, session, found)
    if (is !== kind)
      throw new Refusal(
        'key.wrong-kind',
        `The key ${name} of the token ${label} is ${is ?? 'none that signs here'}, not ${kind}.`,
      )
    keys.set(`${kind} ${name}`, found)
    return found
  }
  const needed = (session: Handle, connection: Connection, name: string, kind: SignerKind): Handle => {
    const handle = handleOf(session, connection, name, kind)
    if (handle === undefined) throw new Refusal('key.not-found', `The token ${label} holds no key ${name}.`)
    return handle
  }

  const signerOf = (name: string, kind: SignerKind, publicKey: Uint8Array): Signer => ({
    algorithm: kind === 'p-256' ? 'ecdsaWithSHA256' : 'sha256WithRSAEncryption',
    publicKey,
    sign: async (octets) => {
      const digest = sha256(octets)
      const [mechanism, signed, length] =
        kind === 'p-256'
          ? [names.CKM_ECDSA, Buffer.from(digest), 64]
          : [names.CKM_RSA_PKCS, Buffer.concat([digestInfo, digest]), 512]
      const signature = await use(`Signing by ${name}`, (session, connection) => {
        const known = connection.keys.has(`${kind} ${name}`)
        const handle = needed(session, connection, name, kind)
        if (!known && publicKeyOf(module, session, name, handle).toHex() !== publicKey.toHex())
          throw new Refusal('key.not-found', `The token ${label} holds another key ${name} than before.`)
        functions.C_SignInit(session, { mechanism }, handle)
        return functions.C_SignAsync(session, signed, Buffer.alloc(length))
      })
      return kind === 'p-256' ? derEcdsaSignature(new Uint8Array(signature)) : new Uint8Array(signature)
    },
  })

  const find: SigningKeys['find'] = async (name, kind) => {
    checkName(name)
    return use(`Looking for ${name}`, (session, connection) => {
      const handle = handleOf(session, connection, name, kind)
      return handle && signerOf(name, kind, publicKeyOf(module, session, name, handle))
    })
  }
  // Nothing in PKCS#11 says "only if there is none": who finds a second key after making one takes its own away again.
  const make = (name: string, kind: SignerKind) =>
    use(
      `Making ${name}`,
      async (session) => {
        const pair = await generatePair(module, session, name, kind)
        if (privateKeysBy(module, session, name).length === 1) return
        destroyPair(module, session, pair)
        throw new Refusal('store.busy', `Somebody else made a key ${name} in the token ${label} at the same moment.`)
      },
      false,
    )
  const making = new Map<string, Promise<Signer>>()
  const signer: SigningKeys['signer'] = (name, kind) => {
    const use = `${kind} ${name}`
    const under = making.get(use) ?? found(name, kind).finally(() => making.delete(use))
    making.set(use, under)
    return under
  }
  async function found(name: string, kind: SignerKind): Promise<Signer> {
    const there = await find(name, kind)
    if (there !== undefined) return there
    await make(name, kind)
    const made = await find(name, kind)
    if (made === undefined) throw new Refusal('token.failed', `The token ${label} made ${name} and does not have it.`)
    if (!(await isPair(made))) throw new Refusal('token.failed', `The halves of ${name} do not belong together.`)
    return made
  }

  await connected().catch((error: unknown) => {
    module.release()
    throw error
  })
  return {
    find,
    signer,
    describe: (name, kind) =>
      use(`Looking at ${name}`, (session, connection) => {
        const handle = needed(session, connection, name, kind)
        return {
          provider: 'pkcs11',
          token: connection.token,
          id: idOf(module, session, handle),
          attributes: attributesOf(module, session, handle),
        } as const
      }),
    erase: async (name) => {
      checkName(name)
      await use(`Erasing ${name}`, (session, { keys }) => {
        for (const key of keys.keys()) if (key.endsWith(` ${name}`)) keys.delete(key)
        destroyBy(module, session, name)
      })
    },
    close: async () => {
      await (await connecting?.catch(() => undefined))?.close()
      module.release()
    },
  }
}
