/** Issuing and verifying revocation lists. RFC 5280 §5, §6.3. */

import { equalOctets } from '@mobile-jpki/der'
import { algorithms } from '../algorithm.ts'
import type { ParsedCertificate } from '../certificate.ts'
import { type CrlFields, type ParsedCrl, parseCrl, tbsCertListOf } from '../crl.ts'
import { authorityKeyIdentifier, issuingDistributionPoint, keyUsage, subjectKeyIdentifier } from '../extensions.ts'
import { sameName } from '../name.ts'
import { sealed } from './issue.ts'
import { type Signer, verifySignature } from './signer.ts'

export const issueCrl = (fields: CrlFields, signer: Signer): Promise<Uint8Array> =>
  sealed(tbsCertListOf(fields, algorithms[signer.algorithm]), signer)

export const crlRefusals = {
  issuer: 'The list is not one of this issuer.',
  'key-usage': 'The issuer may not sign revocation lists.',
  signature: 'The signature of the list is wrong.',
  scope: 'The list does not speak for all reasons, or speaks for other issuers too.',
  'not-fresh': 'The list is not of this time.',
} as const
export type CrlRefusal = keyof typeof crlRefusals

export class CrlError extends Error {
  override readonly name = 'CrlError'
  readonly code: CrlRefusal

  constructor(code: CrlRefusal) {
    super(crlRefusals[code])
    this.code = code
  }
}

/** Answers the opened list when it is the issuer's, rightly signed and current (§6.3.3), else throws a `CrlError`. */
export async function verifyCrl(der: Uint8Array, issuer: ParsedCertificate, at: Date): Promise<ParsedCrl> {
  const crl = parseCrl(der)
  const named = crl.extension(authorityKeyIdentifier)?.value.keyIdentifier
  const own = issuer.extension(subjectKeyIdentifier)?.value
  if (!sameName(crl.issuer, issuer.subject)) throw new CrlError('issuer')
  if (named !== undefined && own !== undefined && !equalOctets(named, own)) throw new CrlError('issuer')
  if (issuer.extension(keyUsage)?.value.includes('cRLSign') === false) throw new CrlError('key-usage')
  const scope = crl.extension(issuingDistributionPoint)?.value
  if (scope?.indirectCRL || scope?.onlyContainsAttributeCerts || scope?.onlySomeReasons) throw new CrlError('scope')
  const { signatureAlgorithm: algorithm, tbs: octets, signature } = crl
  if (!(await verifySignature({ algorithm, publicKey: issuer.publicKey, octets, signature })))
    throw new CrlError('signature')
  if (at < crl.thisUpdate || (crl.nextUpdate !== undefined && at > crl.nextUpdate)) throw new CrlError('not-fresh')
  return crl
}
