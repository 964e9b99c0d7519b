/** OCSP answers that are used again until their nextUpdate, where a service wants that. RFC 6960 §2.5, RFC 5019 §4. */
import { sha256, type VerifiedStatus } from '@mobile-jpki/pkix/crypto'
import type { Trusted } from './path.ts'

export interface KeptAnswers {
  find(trusted: Trusted, at: Date): VerifiedStatus | undefined
  keep(trusted: Trusted, status: VerifiedStatus): void
}

/** An answer without nextUpdate says that there is always a newer one, and is not kept. */
export function keptAnswers(most = 10_000): KeptAnswers {
  const kept = new Map<string, VerifiedStatus & { readonly nextUpdate: Date }>()
  const nameOf = ({ issuer, certificate }: Trusted) => `${issuer.serialNumber} ${sha256(certificate.der).toHex()}`
  return {
    find(trusted, at) {
      const name = nameOf(trusted)
      const status = kept.get(name)
      if (status === undefined || at <= status.nextUpdate) return status
      kept.delete(name)
      return undefined
    },
    keep(trusted, { nextUpdate, ...status }) {
      if (nextUpdate === undefined || status.status === 'unknown') return
      const name = nameOf(trusted)
      kept.delete(name)
      if (kept.size >= most) kept.delete(kept.keys().next().value as string)
      kept.set(name, { ...status, nextUpdate } as VerifiedStatus & { readonly nextUpdate: Date })
    },
  }
}
