/** Issuing and verifying revocation lists. RFC 5280 §5, §6.3. */

import { equalOctets } from '@mobile-jpki/der'
import { algorithms } from '../algorithm.ts'
import type { ParsedCertificate } from '../certificate.ts'
import { type ParsedCrl, parseCrl, type RevokedEntry } from '../crl/list.ts'
import { speaksFor } from '../crl/scope.ts'
import { type CrlHead, crlWriter } from '../crl/writer.ts'
import { authorityKeyIdentifier, issuingDistributionPoint, keyUsage, subjectKeyIdentifier } from '../extensions.ts'
import { sameName } from '../name.ts'
import type { Specimen } from './issue.ts'
import { type Signer, verifySignature } from './signer.ts'

export interface CrlFields extends CrlHead {
  readonly entries: Iterable<RevokedEntry>
}

export const issueCrl = ({ entries, ...head }: CrlFields, signer: Signer): Promise<Uint8Array> =>
  issueLongCrl(head, [entries], signer)

/** The list is finished with a specimen of a signature first, for `look` to judge it and throw. */
export interface CrlRehearsal {
  readonly specimen: Specimen
  readonly look: (rehearsed: Uint8Array) => void
}

/** Page by page: who makes the pages gives other work its turn between them, and none of them need stay in memory. */
export async function issueLongCrl(
  head: CrlHead,
  pages: AsyncIterable<Iterable<RevokedEntry>> | Iterable<Iterable<RevokedEntry>>,
  signer: Signer,
  rehearsal?: CrlRehearsal,
): Promise<Uint8Array> {
  const writer = crlWriter()
  for await (const page of pages) writer.add(page)
  const { tbs, seal } = writer.close(head, algorithms[signer.algorithm])
  rehearsal?.look(seal(rehearsal.specimen.signature))
  return seal(await signer.sign(tbs))
}

export const crlRefusals = {
  issuer: 'The list is not one of this issuer.',
  'key-usage': 'The issuer may not sign revocation lists.',
  signature: 'The signature of the list is wrong.',
  scope: 'The list does not speak for all reasons, or speaks for other certificates.',
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

/**
 * Answers the opened list when it is the issuer's, rightly signed and current (§6.3.3), else throws a `CrlError`. With a
 * `certificate` the list must also speak for it: a partition's list that does not name it says nothing of it, not even "good".
 */
export async function verifyCrl(
  der: Uint8Array,
  issuer: ParsedCertificate,
  at: Date,
  certificate?: ParsedCertificate,
): Promise<ParsedCrl> {
  const crl = parseCrl(der)
  const named = crl.extension(authorityKeyIdentifier)?.value.keyIdentifier
  const own = issuer.extension(subjectKeyIdentifier)?.value
  if (!sameName(crl.issuer, issuer.subject)) throw new CrlError('issuer')
  if (named !== undefined && own !== undefined && !equalOctets(named, own)) throw new CrlError('issuer')
  if (issuer.extension(keyUsage)?.value.includes('cRLSign') === false) throw new CrlError('key-usage')
  const scope = crl.extension(issuingDistributionPoint)?.value
  if (scope?.indirectCRL || scope?.onlyContainsAttributeCerts || scope?.onlySomeReasons) throw new CrlError('scope')
  if (certificate !== undefined && !speaksFor(crl, certificate)) throw new CrlError('scope')
  const { signatureAlgorithm: algorithm, tbs: octets, signature } = crl
  if (!(await verifySignature({ algorithm, publicKey: issuer.publicKey, octets, signature })))
    throw new CrlError('signature')
  if (at < crl.thisUpdate || (crl.nextUpdate !== undefined && at > crl.nextUpdate)) throw new CrlError('not-fresh')
  return crl
}
