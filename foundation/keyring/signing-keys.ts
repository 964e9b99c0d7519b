/** Keys that sign, wherever they live: sealed files, or a token behind PKCS#11. Named, made once, used, never shown. */
import type { Signer } from '@mobile-jpki/pkix/crypto'

/** What a key that signs can be. */
export const signerKinds = ['rsa-2048', 'rsa-3072', 'p-256'] as const
export type SignerKind = (typeof signerKinds)[number]

/** Where a key lives and what keeps it from leaving: what the record of a ceremony says of it. */
export type KeyDescription =
  | { readonly provider: 'files'; readonly sealed: 'AES-256-GCM' }
  | {
      readonly provider: 'pkcs11'
      readonly token: TokenDescription
      /** CKA_ID, in hex. */
      readonly id: string
      /** PKCS#11 v2.40 §4.9, Table 20. */
      readonly attributes: Readonly<Record<EvidenceAttribute, boolean>>
    }

export interface TokenDescription {
  readonly label: string
  readonly serialNumber: string
  readonly manufacturer: string
  readonly model: string
}

export const evidenceAttributes = [
  'CKA_TOKEN',
  'CKA_PRIVATE',
  'CKA_LOCAL',
  'CKA_SENSITIVE',
  'CKA_ALWAYS_SENSITIVE',
  'CKA_EXTRACTABLE',
  'CKA_NEVER_EXTRACTABLE',
] as const
export type EvidenceAttribute = (typeof evidenceAttributes)[number]

export interface SigningKeys {
  /** Undefined when there is no key by that name; a refusal when it is of another kind. */
  find(name: string, kind: SignerKind): Promise<Signer | undefined>
  /** Made when there is none. */
  signer(name: string, kind: SignerKind): Promise<Signer>
  describe(name: string, kind: SignerKind): Promise<KeyDescription>
  erase(name: string): Promise<void>
}
