/** A PKCS#11 module in this process: loaded once whoever asks, closed with the last who used it. PKCS#11 v2.40 §5.4. */
import { access } from 'node:fs/promises'
import { Refusal } from '@mobile-jpki/refusal'
import type { PKCS11 } from 'pkcs11js'

export type Cryptoki = typeof import('pkcs11js')

export interface Module {
  /** The functions, C_…. */
  readonly functions: PKCS11
  /** The constants, CKA_…, CKM_…, CKR_…. */
  readonly names: Cryptoki
  release(): void
}

interface Loaded {
  readonly functions: PKCS11
  readonly names: Cryptoki
  /** Somebody else in this process may have called C_Initialize; then C_Finalize is theirs. */
  readonly ours: boolean
  users: number
}

const loaded = new Map<string, Loaded>()

export async function loadModule(path: string): Promise<Module> {
  const names = await cryptoki()
  await access(path).catch((cause: unknown) => {
    throw new Refusal('tool.missing', `There is no PKCS#11 module ${path}.`, { cause })
  })
  const module = loaded.get(path) ?? load(path, names)
  loaded.set(path, module)
  module.users += 1
  return {
    functions: module.functions,
    names,
    release: () => {
      module.users -= 1
      if (module.users > 0) return
      loaded.delete(path)
      if (module.ours) module.functions.C_Finalize()
      module.functions.close()
    },
  }
}

/** An optional dependency: who keeps keys in files needs no compiler. */
async function cryptoki(): Promise<Cryptoki> {
  try {
    const { default: names } = await import('pkcs11js')
    return names
  } catch (cause) {
    throw new Refusal('tool.missing', 'The package pkcs11js is not installed or was not built: npm rebuild pkcs11js.', {
      cause,
    })
  }
}

function load(path: string, names: Cryptoki): Loaded {
  const functions = new names.PKCS11()
  try {
    functions.load(path)
  } catch (cause) {
    throw new Refusal('tool.missing', `${path} is not a PKCS#11 module that this machine can load.`, { cause })
  }
  try {
    // Without it two signatures at a time end the process: they run on threads.
    functions.C_Initialize({ flags: names.CKF_OS_LOCKING_OK })
    return { functions, names, ours: true, users: 0 }
  } catch (error) {
    if (error instanceof names.Pkcs11Error && error.code === names.CKR_CRYPTOKI_ALREADY_INITIALIZED)
      return { functions, names, ours: false, users: 0 }
    functions.close()
    throw new Refusal('token.failed', `${path} does not start: ${(error as Error).message}.`, { cause: error })
  }
}
