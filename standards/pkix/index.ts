/** PKIX codecs, declared: certificate, CRL, path (RFC 5280), OCSP (RFC 6960), CMS (RFC 5652). Browser-safe. */

export * from './algorithm.ts'
export * from './certificate.ts'
export * from './cms.ts'
export * from './crl.ts'
export * from './ecdsa.ts'
export * from './extensions.ts'
export * from './general-name.ts'
export * from './name.ts'
export * from './ocsp.ts'
export * from './path.ts'
