/** The PIN of a token: in a file that its owner alone can read, or in an environment variable; never in a configuration. */
import { Refusal } from '@mobile-jpki/refusal'
import { readPrivate } from '../key-files.ts'

export type PinSource = { readonly pinFile: string } | { readonly pinVariable: string }

export async function readPin(source: PinSource): Promise<string> {
  if ('pinVariable' in source) {
    const pin = process.env[source.pinVariable]
    if (!pin) throw new Refusal('key.not-found', `The environment variable ${source.pinVariable} holds no PIN.`)
    return pin
  }
  const octets = await readPrivate(source.pinFile)
  const pin = octets && new TextDecoder().decode(octets).trimEnd()
  if (!pin) throw new Refusal('key.not-found', `The file ${source.pinFile} holds no PIN.`)
  return pin
}
