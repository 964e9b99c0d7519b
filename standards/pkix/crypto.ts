/** PKIX with node:crypto: signing and verifying what the codecs of this package describe. RFC 5280, RFC 6960, RFC 5652. */

export { CmsError, type CmsRefusal, cmsRefusals, signData, verifySignedData } from './crypto/cms.ts'
export {
  CrlError,
  type CrlFields,
  type CrlRefusal,
  type CrlRehearsal,
  crlRefusals,
  issueCrl,
  issueLongCrl,
  verifyCrl,
} from './crypto/crl.ts'
export { issueCertificate, issueRehearsed, keyIdentifier, type Specimen } from './crypto/issue.ts'
export {
  type CertificateStatus,
  certId,
  concerns,
  type OcspAnswer,
  OcspError,
  type OcspExpectation,
  type OcspRefusal,
  ocspRefusals,
  ocspRequest,
  signOcspResponse,
  type VerifiedStatus,
  verifyOcspResponse,
} from './crypto/ocsp.ts'
export { CertificationRequestError, requestCertificate, verifyCertificationRequest } from './crypto/request.ts'
export { keySigner, publicKeyObject, type Signer, sha1, sha256, verifySignature } from './crypto/signer.ts'
