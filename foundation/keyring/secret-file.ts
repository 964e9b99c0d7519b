/** A secret that a person put into a file: a PIN, an officer's key. Only its owner may be able to read it. */
import { Refusal } from '@mobile-jpki/refusal'
import { readPrivate } from './key-files.ts'
import { KeyringError } from './sealing.ts'

/** Without the line feed at its end. */
export async function readSecretFile(file: string): Promise<string> {
  const octets = await readPrivate(file).catch((cause: unknown) => {
    throw cause instanceof KeyringError ? new Refusal('conditions.not-satisfied', cause.message, { cause }) : cause
  })
  const text = octets && new TextDecoder().decode(octets).trimEnd()
  if (!text) throw new Refusal('key.not-found', `The file ${file} is not there or is empty.`)
  return text
}
