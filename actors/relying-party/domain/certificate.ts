/** A user-authentication certificate of a card or a phone: path, policy, key usage, and its status now. RFC 5280 §6, RFC 6960. */
import { certificatePolicyIds } from '@mobile-jpki/jpki'
import { certificatePolicies, type ParsedCertificate } from '@mobile-jpki/pkix'
import { type BadCertificate, judgePath, judgeStatus, type VerificationWorld } from '@mobile-jpki/verification'
import type { GoodHolder, Holder } from './verdict.ts'

export interface CertificateWorld extends VerificationWorld {
  /** What may be used: card, phone or both. */
  readonly accept: readonly Holder['kind'][]
}

/** Which of the two it is, the policy tells. */
const policies = { card: certificatePolicyIds.auth, phone: certificatePolicyIds.phoneAuth } as const

export interface TrustedHolder {
  readonly state: 'trusted'
  readonly certificate: ParsedCertificate
  /** Asks whether it is good at this moment. */
  status(): Promise<GoodHolder | BadCertificate>
}

export async function trustedHolder(world: CertificateWorld, der: Uint8Array): Promise<TrustedHolder | BadCertificate> {
  const judged = await judgePath(world, {
    certificate: der,
    policies: world.accept.map((kind) => policies[kind]),
    keyUsage: ['digitalSignature'],
  })
  if (judged.state !== 'trusted') return judged
  const { certificate } = judged
  return {
    state: 'trusted',
    certificate,
    async status() {
      const verdict = await judgeStatus(world, judged)
      return verdict.state === 'good'
        ? { state: 'good', holder: holderOf(certificate), status: verdict.status }
        : verdict
    },
  }
}

function holderOf(certificate: ParsedCertificate): Holder {
  const stated = certificate.extension(certificatePolicies)?.value ?? []
  return {
    serialNumber: certificate.serialNumber,
    kind: stated.some(({ policyIdentifier }) => policyIdentifier === policies.phone) ? 'phone' : 'card',
    notAfter: certificate.notAfter,
    certificate: certificate.der,
  }
}
