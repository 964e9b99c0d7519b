/**
 * Is this certificate one of the service's, for this use, and good at this moment? What SP-TSM asks of a sign certificate (③), and what the
 * relying party's library asks of an auth certificate: RFC 5280 §6, RFC 6960.
 */
export { type KeptAnswers, keptAnswers } from './answers.ts'
export { askOcspByHttp, type FetchedList, fetchListByHttp } from './fetching.ts'
export { type ListAnswer, type ListSettings, openLists, type RevocationLists } from './lists.ts'
export { judgePath, type PathRequest, type PathWorld, type Trusted } from './path.ts'
export {
  type BadCertificate,
  type CertificateVerdict,
  type GoodCertificate,
  type KnownStatus,
  refusalOfVerdict,
} from './verdict.ts'
export {
  judgeCertificate,
  judgeStatus,
  type VerificationRequest,
  type VerificationWorld,
  verifyCertificate,
} from './verify.ts'
