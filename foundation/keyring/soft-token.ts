/** SoftHSM2 with tokens of its own in a temporary folder, for tests; the variable that names its configuration is the process's. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { needs, pathOf } from '../../test/needs.ts'
import type { TokenSettings } from './index.ts'

const run = promisify(execFile)

export const skipWithoutSoftToken = needs('softhsm', 'softhsm2-util')

export const userPin = '7351-user'
const officerPin = '9264-officer'

export interface SoftToken {
  readonly directory: string
  /** The file of the module. */
  readonly module: string
  readonly pinFile: string
  /** A new token by that label. */
  add(label: string): Promise<TokenSettings>
  [Symbol.asyncDispose](): Promise<void>
}

export async function softToken(): Promise<SoftToken> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-softhsm-'))
  const tokens = join(directory, 'tokens')
  await mkdir(tokens)
  const configuration = join(directory, 'softhsm2.conf')
  await writeFile(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  const pinFile = join(directory, 'pin')
  await writeFile(pinFile, `${userPin}\n`, { mode: 0o600 })
  process.env['SOFTHSM2_CONF'] = configuration
  const module = pathOf('softhsm') ?? ''
  return {
    directory,
    module,
    pinFile,
    add: async (label) => {
      const pins = ['--so-pin', officerPin, '--pin', userPin]
      await run(pathOf('softhsm2-util') ?? '', ['--init-token', '--free', '--label', label, ...pins])
      return { module, token: label, pin: { pinFile } }
    },
    [Symbol.asyncDispose]: async () => {
      delete process.env['SOFTHSM2_CONF']
      await rm(directory, { recursive: true })
    },
  }
}

/** What pkcs11-tool of OpenSC says of a token. */
export async function strangerSays(token: SoftToken, label: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(pathOf('pkcs11-tool') ?? '', [
    ...['--module', token.module, '--token-label', label, '--login', '--pin', userPin, ...args],
  ])
  return stdout
}
