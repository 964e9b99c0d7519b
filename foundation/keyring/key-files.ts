/**
 * Named keys as files of one directory, each sealed under the master key. The master key stands in a file of its own
 * and is the one to keep in safer hands; whoever has only the other files has nothing.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { KeyringError, seal, unseal } from './sealing.ts'
import { signerKinds } from './signing-keys.ts'

export const keyKinds = ['agreement', 'mac', 'octets', 'seal', ...signerKinds] as const
export type KeyKind = (typeof keyKinds)[number]

export interface KeyFiles {
  /** The material of the key; made and kept when there is none by that name. */
  read(name: string, kind: KeyKind, make: () => Promise<Uint8Array>): Promise<Uint8Array>
  /** The material of a key that is there. */
  find(name: string, kind: KeyKind): Promise<Uint8Array | undefined>
  has(name: string): Promise<boolean>
  /** Overwritten first, then removed. */
  erase(name: string): Promise<void>
}

export async function keyFiles(directory: string): Promise<KeyFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const octets = await kept(masterFile(directory), async () => randomBytes(32))
  const master = createSecretKey(octets)
  const isReplaced = async () =>
    (await readPrivate(nextMasterFile(directory))) !== undefined ||
    Buffer.compare((await readPrivate(masterFile(directory))) ?? Buffer.alloc(0), octets) !== 0
  if (await isReplaced()) throw new Refusal('store.busy', `${directory} is being sealed under another master key.`)
  const fileOf = (name: string) => {
    checkName(name)
    return join(directory, `${name}.key`)
  }
  return {
    read: async (name, kind, make) => {
      let ours: Uint8Array | undefined
      const sealed = await kept(fileOf(name), async () => {
        ours = seal(master, await make(), contextOf(name, kind))
        return ours
      })
      // Made under a master key that is on its way out: nobody could open it tomorrow.
      if (ours !== undefined && (await isReplaced())) {
        if (Buffer.compare(ours, (await readPrivate(fileOf(name))) ?? Buffer.alloc(0)) === 0) await rm(fileOf(name))
        throw new Refusal('store.busy', `${directory} is being sealed under another master key.`)
      }
      return openKey(master, sealed, name, kind)
    },
    find: async (name, kind) => {
      const sealed = await readPrivate(fileOf(name))
      return sealed && openKey(master, sealed, name, kind)
    },
    has: async (name) => (await readPrivate(fileOf(name))) !== undefined,
    erase: async (name) => {
      const file = fileOf(name)
      const size = await stat(file).then(({ size }) => size, absent)
      if (size === undefined) return
      await write(file, randomBytes(size), 'r+')
      await rm(file)
      await syncDirectory(directory)
    },
  }
}

export function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name) || name === 'master')
    throw new KeyringError(`${name} cannot name a key.`)
}

export const masterFile = (directory: string): string => join(directory, 'master.key')
/** There while a keyring is sealed anew (rewrap.ts). */
export const nextMasterFile = (directory: string): string => join(directory, 'master.key.next')
export const contextOf = (name: string, kind: KeyKind): string => `mobile-jpki/key/1 ${kind} ${name}`

function openKey(master: KeyObject, sealed: Uint8Array, name: string, kind: KeyKind): Uint8Array {
  try {
    return unseal(master, sealed, contextOf(name, kind))
  } catch (cause) {
    const is = signerKinds.find((other) => other !== kind && opens(master, sealed, contextOf(name, other)))
    if (is !== undefined) throw new Refusal('key.wrong-kind', `The key ${name} is ${is}, not ${kind}.`, { cause })
    throw new KeyringError(`The key ${name} does not open as a key of kind ${kind} under this master key.`, { cause })
  }
}

function opens(master: KeyObject, sealed: Uint8Array, context: string): boolean {
  try {
    unseal(master, sealed, context).fill(0)
    return true
  } catch {
    return false
  }
}

/** What the file holds; when there is none, what was made, unless another process was first. */
export async function kept(file: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const found = await readPrivate(file)
  if (found !== undefined) return found
  const ours = `${file}.${randomBytes(8).toString('hex')}.new`
  await write(ours, await make(), 'wx')
  try {
    await link(ours, file)
    await syncDirectory(join(file, '..'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(ours)
  }
  return kept(file, make)
}

/** Undefined when there is no such file. */
export async function readPrivate(file: string): Promise<Uint8Array | undefined> {
  const mode = await stat(file).then(({ mode }) => mode, absent)
  if (mode === undefined) return undefined
  if ((mode & 0o077) !== 0) throw new KeyringError(`${file} can be read by others: chmod 600 it.`)
  return new Uint8Array(await readFile(file))
}

export async function write(file: string, octets: Uint8Array, flags: 'r+' | 'wx'): Promise<void> {
  const handle = await open(file, flags, 0o600)
  try {
    await handle.writeFile(octets)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A new name in a directory survives a power cut only when the directory is flushed too. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}
