/** What a ceremony needs around it, from the same configuration as the CA that will use the keys. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openKeyring } from '@mobile-jpki/keyring'
import { z } from 'zod'
import { openRegister, registerIn } from '../../store/index.ts'
import { CaKeySettings, openCaKeys } from '../keys.ts'
import type { CeremonyWorld } from './run.ts'

/** The part of the JPKI system's configuration that is about keys and register. */
export const CeremonyConfiguration = z.object({
  dataDirectory: z.string(),
  databaseUrl: z.string().optional(),
  caKeys: CaKeySettings.prefault({ provider: 'files' }),
})

export interface OpenedForCeremony extends CeremonyWorld {
  readonly kind: CaKeySettings['kind']
  close(): Promise<void>
}

export async function openForCeremony(
  given: z.input<typeof CeremonyConfiguration>,
  now: () => Date = () => new Date(),
): Promise<OpenedForCeremony> {
  const { dataDirectory, databaseUrl, caKeys } = CeremonyConfiguration.parse(given)
  const keys = await openCaKeys(caKeys, await openKeyring(join(dataDirectory, 'keys')))
  try {
    const store = await openRegister(databaseUrl ?? `sqlite:${join(dataDirectory, 'jpki-system.db')}`)
    return {
      register: registerIn(store),
      keys,
      provider: caKeys.provider === 'files' ? { provider: 'files' } : { provider: 'pkcs11', token: caKeys.token },
      kind: caKeys.kind,
      now,
      random: (length) => new Uint8Array(randomBytes(length)),
      close: async () => {
        await store.close()
        await keys.close()
      },
    }
  } catch (error) {
    await keys.close()
    throw error
  }
}
