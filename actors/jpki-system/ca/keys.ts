/** Where the CA's keys live, by configuration: sealed files, or a token behind PKCS#11. */
import { openToken, type SignerKind, type SigningKeys, signerKinds } from '@mobile-jpki/keyring'
import { readPublicKey } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'

const terms = {
  kind: z.enum(signerKinds).default('rsa-2048'),
  /** Whether a start may make the first generation, and the next one after four years; else only a ceremony does. */
  made: z.enum(['at-first-start', 'by-ceremony']).default('at-first-start'),
}
const token = { provider: z.literal('pkcs11'), module: z.string().min(1), token: z.string().min(1).max(32) }

export const CaKeySettings = z.union([
  z.strictObject({ provider: z.literal('files'), ...terms }),
  z.strictObject({ ...token, pinFile: z.string().min(1), ...terms }),
  z.strictObject({ ...token, pinVariable: z.string().min(1), ...terms }),
])
export type CaKeySettings = z.output<typeof CaKeySettings>
export type CaTerms = Pick<CaKeySettings, 'kind' | 'made'>

/** The two that a running CA needs. */
export type CaKeys = Pick<SigningKeys, 'find' | 'signer'>

export interface OpenedCaKeys extends SigningKeys {
  close(): Promise<void>
}

/** `files` is the keyring: with a token, keys of older generations may still live there, and none is made there any more. */
export async function openCaKeys(settings: CaKeySettings, files: SigningKeys): Promise<OpenedCaKeys> {
  if (settings.provider === 'files') return { ...files, close: async () => {} }
  const { module, token: label } = settings
  const pin = 'pinFile' in settings ? { pinFile: settings.pinFile } : { pinVariable: settings.pinVariable }
  const token = await openToken({ module, token: label, pin })
  return {
    ...token,
    find: async (name, kind) => (await token.find(name, kind)) ?? files.find(name, kind),
  }
}

export function signerKindOf(publicKeyInfo: Uint8Array): SignerKind {
  const key = readPublicKey(publicKeyInfo)
  if (key.kind === 'p256') return 'p-256'
  const kind = signerKinds.find((one) => one === `rsa-${key.modulus.length * 8}`)
  if (kind === undefined) throw new Refusal('key.wrong-kind', `No key of a CA has ${key.modulus.length * 8} bits.`)
  return kind
}
