/**
 * Another master key for a keyring: every key is sealed anew under it, then it takes the place of the old one, which opens nothing any more.
 * Killed anywhere, it is run again and goes on; until it is through, the keyring opens for nobody.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import {
  contextOf,
  type KeyKind,
  kept,
  keyKinds,
  masterFile,
  nextMasterFile,
  readPrivate,
  syncDirectory,
  write,
} from './key-files.ts'
import { seal, unseal } from './sealing.ts'

/** The answer names the keys. Before anything is changed, each of them was opened. */
export async function rewrap(directory: string): Promise<readonly string[]> {
  const current = await readPrivate(masterFile(directory))
  if (current === undefined) throw new Refusal('key.not-found', `There is no keyring in ${directory}.`)
  const begun = await readPrivate(nextMasterFile(directory))
  const masters = [current, ...(begun === undefined ? [] : [begun])].map((octets) => createSecretKey(octets))
  const names = (await readdir(directory)).flatMap((file) => /^(.+)\.key$/.exec(file)?.[1] ?? [])
  const keys = names.filter((name) => name !== 'master').sort()
  for (const name of keys) (await openedBy(masters, directory, name)).plain.fill(0)

  const next = createSecretKey(await kept(nextMasterFile(directory), async () => randomBytes(32)))
  for (const name of keys) {
    const { plain, kind } = await openedBy([...masters, next], directory, name)
    const file = fileOf(directory, name)
    const ours = `${file}.${randomBytes(8).toString('hex')}.new`
    await write(ours, seal(next, plain, contextOf(name, kind)), 'wx')
    plain.fill(0)
    await rename(ours, file)
  }
  await syncDirectory(directory)
  await write(masterFile(directory), randomBytes(32), 'r+')
  await rename(nextMasterFile(directory), masterFile(directory))
  await syncDirectory(directory)
  return keys
}

const fileOf = (directory: string, name: string): string => join(directory, `${name}.key`)

async function openedBy(
  masters: readonly KeyObject[],
  directory: string,
  name: string,
): Promise<{ readonly plain: Uint8Array; readonly kind: KeyKind }> {
  const sealed = (await readPrivate(fileOf(directory, name))) ?? new Uint8Array()
  for (const master of masters)
    for (const kind of keyKinds)
      try {
        return { plain: unseal(master, sealed, contextOf(name, kind)), kind }
      } catch {
        // Of another kind, or under the other master key.
      }
  throw new Refusal('key.wrong-kind', `The key ${name} opens under no master key of ${directory}.`)
}
