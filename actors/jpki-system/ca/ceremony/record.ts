/** What a ceremony leaves behind: who approved what, which keys came of it and what keeps them in their place. Everything in it is public. */
import { createHash, X509Certificate } from 'node:crypto'
import type { KeyDescription, SignerKind } from '@mobile-jpki/keyring'
import { parseCertificate } from '@mobile-jpki/pkix'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import type { Generation } from '../../domain/world.ts'
import type { Quorum } from './approvals.ts'
import type { Ceremony } from './document.ts'

export interface MadeGeneration {
  readonly authority: Generation['name']
  readonly generation: number
  readonly key: { readonly name: string; readonly kind: SignerKind } & KeyDescription
  /** As the certificates that it issues name it, hex. */
  readonly keyIdentifier: string
  /** PEM. */
  readonly certificate: string
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string
  readonly notAfter: string
  readonly issuesFrom?: string
}

export interface CeremonyRecord {
  readonly format: 'mobile-jpki/ceremony-record/1'
  readonly digest: string
  readonly act: Ceremony['document']['act']
  readonly purpose: string
  readonly finishedAt: string
  readonly approvals: readonly {
    readonly of: Quorum['of']
    readonly officer: string
    /** PEM. */
    readonly publicKey: string
    /** Over the octets of the file, base64. */
    readonly signature: string
  }[]
  readonly needed: readonly { readonly of: Quorum['of']; readonly needed: number; readonly officers: number }[]
  readonly generations: readonly MadeGeneration[]
}

export const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex')

export const recordOf = (
  { digest, document }: Ceremony,
  quorums: readonly Quorum[],
  generations: readonly MadeGeneration[],
  at: Date,
): CeremonyRecord => ({
  format: 'mobile-jpki/ceremony-record/1',
  digest,
  act: document.act,
  purpose: document.purpose,
  finishedAt: at.toISOString(),
  approvals: quorums.flatMap(({ of, approved }) =>
    approved.map(({ officer, publicKey, signature }) => ({
      of,
      officer,
      publicKey,
      signature: signature.toBase64(),
    })),
  ),
  needed: quorums.map(({ of, needed, officers }) => ({ of, needed, officers: officers.length })),
  generations,
})

export function madeGeneration(
  { name, generation, certificate, issuesFrom }: Generation,
  key: MadeGeneration['key'],
): MadeGeneration {
  const { publicKey, notAfter } = parseCertificate(certificate)
  return {
    authority: name,
    generation,
    key,
    keyIdentifier: keyIdentifier(publicKey).toHex(),
    certificate: new X509Certificate(certificate).toString(),
    fingerprint: fingerprintOf(certificate),
    notAfter: notAfter.toISOString(),
    ...(issuesFrom && { issuesFrom: issuesFrom.toISOString() }),
  }
}
