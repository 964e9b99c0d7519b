/** The PIN of a token: in a file that its owner alone can read, or in an environment variable; never in a configuration. */
import { Refusal } from '@mobile-jpki/refusal'
import { readSecretFile } from '../secret-file.ts'

export type PinSource = { readonly pinFile: string } | { readonly pinVariable: string }

export async function readPin(source: PinSource): Promise<string> {
  if ('pinFile' in source) return readSecretFile(source.pinFile)
  const pin = process.env[source.pinVariable]
  if (!pin) throw new Refusal('key.not-found', `The environment variable ${source.pinVariable} holds no PIN.`)
  return pin
}
