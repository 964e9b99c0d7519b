/** Issuing certificates. RFC 5280 §4.1.1, §4.2.1.2. */

import { algorithms, SubjectPublicKeyInfo } from '../algorithm.ts'
import { type CertificateFields, Signed, tbsCertificateOf } from '../certificate.ts'
import { type Signer, sha1, sha256 } from './signer.ts'

/** Signs the signed part of a certificate, CRL or request and puts the frame around it. */
export async function sealed(signed: Uint8Array, signer: Signer): Promise<Uint8Array> {
  return Signed.encode({
    signed,
    signatureAlgorithm: algorithms[signer.algorithm],
    signatureValue: await signer.sign(signed),
  })
}

export const issueCertificate = (fields: CertificateFields, signer: Signer): Promise<Uint8Array> =>
  sealed(tbsCertificateOf(fields, algorithms[signer.algorithm]), signer)

/** Of certificates that are issued at once, all are looked at before the first is signed: a processor that does one thing after another is faster. */
const atOnce = Promise.resolve()

/**
 * Signs twice: first with a key that is nobody's and has the CA's algorithm, for `look` to judge the finished certificate and throw;
 * then with the CA's. Both certificates are the same but for the signature.
 */
export async function issueRehearsed(
  fields: CertificateFields,
  signer: Signer,
  throwAway: Signer,
  look: (rehearsed: Uint8Array) => void,
): Promise<Uint8Array> {
  if (throwAway.algorithm !== signer.algorithm) throw new TypeError('the throw-away key has another algorithm')
  const signed = tbsCertificateOf(fields, algorithms[signer.algorithm])
  look(await sealed(signed, throwAway))
  await atOnce
  return sealed(signed, signer)
}

/** Key identifier of a SubjectPublicKeyInfo: SHA-1 of the key bits (§4.2.1.2 (1)), or SHA-256 cut to 20 octets (RFC 7093 §2 (1)). */
export function keyIdentifier(publicKey: Uint8Array, digest: 'sha1' | 'sha256' = 'sha1'): Uint8Array {
  const { subjectPublicKey } = SubjectPublicKeyInfo.decode(publicKey)
  return digest === 'sha1' ? sha1(subjectPublicKey) : sha256(subjectPublicKey).slice(0, 20)
}
