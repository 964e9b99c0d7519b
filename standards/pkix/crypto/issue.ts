/** Issuing certificates. RFC 5280 §4.1.1, §4.2.1.2. */

import { algorithms, SubjectPublicKeyInfo } from '../algorithm.ts'
import { type CertificateFields, Signed, tbsCertificateOf } from '../certificate.ts'
import { type Signer, sha1, sha256 } from './signer.ts'

/** Signs the signed part of a certificate, CRL or request and puts the frame around it. */
export async function sealed(signed: Uint8Array, signer: Signer): Promise<Uint8Array> {
  return finished(signed, signer.algorithm, await signer.sign(signed))
}

const finished = (signed: Uint8Array, algorithm: Signer['algorithm'], signatureValue: Uint8Array): Uint8Array =>
  Signed.encode({ signed, signatureAlgorithm: algorithms[algorithm], signatureValue })

export const issueCertificate = (fields: CertificateFields, signer: Signer): Promise<Uint8Array> =>
  sealed(tbsCertificateOf(fields, algorithms[signer.algorithm]), signer)

/** Of certificates that are issued at once, all are looked at before the first is signed: a processor that does one thing after another is faster. */
const atOnce = Promise.resolve()

/** What a signature of the CA's algorithm looks like: it stands where the CA's will stand while the certificate is looked at. */
export interface Specimen {
  readonly algorithm: Signer['algorithm']
  readonly signature: Uint8Array
}

/**
 * Finishes the certificate with a specimen of a signature first, for `look` to judge it as it will be and throw; then signs with the
 * CA's key. Both certificates are the same but for the signature.
 */
export async function issueRehearsed(
  fields: CertificateFields,
  signer: Signer,
  specimen: Specimen,
  look: (rehearsed: Uint8Array) => void,
): Promise<Uint8Array> {
  if (specimen.algorithm !== signer.algorithm) throw new TypeError('the specimen has another algorithm')
  const signed = tbsCertificateOf(fields, algorithms[signer.algorithm])
  look(finished(signed, specimen.algorithm, specimen.signature))
  await atOnce
  return sealed(signed, signer)
}

/** Key identifier of a SubjectPublicKeyInfo: SHA-1 of the key bits (§4.2.1.2 (1)), or SHA-256 cut to 20 octets (RFC 7093 §2 (1)). */
export function keyIdentifier(publicKey: Uint8Array, digest: 'sha1' | 'sha256' = 'sha1'): Uint8Array {
  const { subjectPublicKey } = SubjectPublicKeyInfo.decode(publicKey)
  return digest === 'sha1' ? sha1(subjectPublicKey) : sha256(subjectPublicKey).slice(0, 20)
}
