/** Asking for a certificate, and checking that who asks has the key. RFC 2986 §3, §4.2. */

import type { Extension } from '../extensions.ts'
import type { Name } from '../name.ts'
import { certificationRequestInfoOf, type ParsedCertificationRequest, parseCertificationRequest } from '../request.ts'
import { sealed } from './issue.ts'
import { type Signer, verifySignature } from './signer.ts'

export class CertificationRequestError extends Error {
  override readonly name = 'CertificationRequestError'
}

/** Answers the opened request when its own key signed it, else throws a `CertificationRequestError`; of bad octets, a `DerError`. */
export async function verifyCertificationRequest(der: Uint8Array): Promise<ParsedCertificationRequest> {
  const request = parseCertificationRequest(der)
  const { signatureAlgorithm: algorithm, publicKey, info: octets, signature } = request
  if (await verifySignature({ algorithm, publicKey, octets, signature })) return request
  throw new CertificationRequestError('The request is not signed by its own key (RSA or P-256, SHA-256).')
}

export const requestCertificate = (
  fields: { readonly subject: Name; readonly extensions?: readonly Extension[] },
  signer: Signer,
): Promise<Uint8Array> => sealed(certificationRequestInfoOf({ ...fields, publicKey: signer.publicKey }), signer)
