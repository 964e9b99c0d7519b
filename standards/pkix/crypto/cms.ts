/** Verifying a SignedData: content digest and signature. RFC 5652 §5.4, §5.6. */

import { equalOctets } from '@mobile-jpki/der'
import {
  type AttributesToSign,
  assembleSignedData,
  type ParsedSignedData,
  parseSignedData,
  type SignedParts,
  signedAttributesToSign,
} from '../cms.ts'
import { type Signer, sha256, verifySignature } from './signer.ts'

export const cmsRefusals = {
  'content-type': 'The signed attributes name another type of content.',
  digest: 'The content is not the one that was signed.',
  signature: "The signature is not one by the signer's certificate.",
} as const
export type CmsRefusal = keyof typeof cmsRefusals

export class CmsError extends Error {
  override readonly name = 'CmsError'
  readonly code: CmsRefusal

  constructor(code: CmsRefusal) {
    super(cmsRefusals[code])
    this.code = code
  }
}

/**
 * Answers the opened SignedData when content and signature agree, else throws a `CmsError` or, of bad octets, a
 * `DerError`. Whether the signer's certificate is to be trusted is a matter for `validatePath`.
 */
export async function verifySignedData(der: Uint8Array): Promise<ParsedSignedData> {
  const signed = parseSignedData(der)
  if (signed.signedContentType !== signed.contentType) throw new CmsError('content-type')
  if (!equalOctets(signed.messageDigest, sha256(signed.content))) throw new CmsError('digest')
  const { signatureAlgorithm: algorithm, signedAttributes: octets, signature, signerCertificate } = signed
  if (!(await verifySignature({ algorithm, publicKey: signerCertificate.publicKey, octets, signature })))
    throw new CmsError('signature')
  return signed
}

/** Both halves in one, for a signer that is at hand rather than in a card. */
export async function signData(
  parts: Pick<SignedParts, 'content' | 'contentType' | 'certificate' | 'others'> &
    Pick<AttributesToSign, 'signingTime'>,
  signer: Signer,
): Promise<Uint8Array> {
  const signedAttributes = signedAttributesToSign({ ...parts, messageDigest: sha256(parts.content) })
  const signature = await signer.sign(signedAttributes)
  return assembleSignedData({ ...parts, signedAttributes, signature, signatureAlgorithm: signer.algorithm })
}
