/** A carrier's master keys, from which the keys of its SIMs follow: made at first use, kept in one file for each carrier. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IssuerKeySet, SimType } from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'

const secret = 'The master keys of one carrier. Whoever has them has every SIM of it.'
const MasterKeys = z.strictObject({
  secret: z.literal(secret),
  /** By key version and length in bits: `30/128`. */
  keys: z.record(z.string(), z.string().regex(/^(?:[0-9A-F]{2})+$/)),
})

const nameOf = ({ keyVersion, keyBits }: IssuerKeySet) => `${keyVersion}/${keyBits}`

export async function masterKeysFor(
  directory: string,
  carrier: string,
  { keySets }: SimType,
  random: (length: number) => Uint8Array,
): Promise<(keySet: IssuerKeySet) => Uint8Array> {
  const file = join(directory, `${carrier}.master-keys.json`)
  const known = await readKeys(file)
  const fresh = keySets.filter((keySet) => known[nameOf(keySet)] === undefined)
  const keys = {
    ...known,
    ...Object.fromEntries(
      fresh.map((keySet) => [
        nameOf(keySet),
        random(keySet.keyBits / 8)
          .toHex()
          .toUpperCase(),
      ]),
    ),
  }
  if (fresh.length > 0)
    await writeFile(file, `${JSON.stringify({ secret, keys }, null, 2)}\n`, { mode: 0o600, flush: true })
  return (keySet) => Uint8Array.fromHex(keys[nameOf(keySet)] ?? '')
}

async function readKeys(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  try {
    return MasterKeys.parse(JSON.parse(text)).keys
  } catch (cause) {
    throw new Refusal('conditions.not-satisfied', `${file} holds no master keys of a carrier.`, { cause })
  }
}
