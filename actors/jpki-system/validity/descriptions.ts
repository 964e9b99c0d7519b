/** What the API document says of the routes that speak formats of their own. */
import type { RawDescription } from '@mobile-jpki/service'

const answer = {
  200: {
    description:
      'OCSPResponse; of an unknown serial number it says unknown, never good. A request that cannot be read is answered so, too (malformedRequest, unauthorized).',
    type: 'application/ocsp-response',
  },
} as const
const notFound = { 404: { description: 'There is no such file.', type: 'text/plain' } } as const
const unchanged = {
  304: { description: 'The copy that If-None-Match or If-Modified-Since names is the present one.' },
} as const

export const descriptions = {
  ocspPost: {
    name: 'askStatus',
    summary: 'OCSP: the status of certificates, RFC 6960',
    description:
      'Several CertIDs may be asked at once; a nonce is answered (RFC 9654). Without one, what is answered was signed ahead (RFC 5019), and a revocation replaces it at once.',
    replies: answer,
  },
  ocspGet: {
    name: 'askStatusByGet',
    summary: 'OCSP by GET, for caches: RFC 6960 Appendix A.1, RFC 5019 §5',
    fields: { rest: 'the OCSPRequest in base64, percent-encoded' },
    replies: { ...answer, ...unchanged },
  },
  fullList: {
    name: 'fetchFullList',
    summary: 'The revocation list of all certificates of a CA’s key, RFC 5280 §5',
    fields: { list: '`sign-1.crl`: CA and generation' },
    replies: { 200: { description: 'CertificateList', type: 'application/pkix-crl' }, ...unchanged, ...notFound },
  },
  partitionList: {
    name: 'fetchPartitionList',
    summary: 'The revocation list of one municipality, with a critical issuingDistributionPoint',
    fields: { generation: '`sign-1`: CA and generation', list: '`13221.crl`: code of the municipality' },
    replies: { 200: { description: 'CertificateList', type: 'application/pkix-crl' }, ...unchanged, ...notFound },
  },
  caCertificate: {
    name: 'fetchCaCertificate',
    summary: 'The certificate of a CA’s key',
    fields: { file: '`sign-1.cer`: CA and generation' },
    replies: { 200: { description: 'Certificate', type: 'application/pkix-cert' }, ...unchanged, ...notFound },
  },
} as const satisfies Record<string, RawDescription>
