/** Where keys live: named, made at first use, never shown. */
export { type Agreement, type Keyring, openKeyring, type SignerKind, signerKinds } from './keyring.ts'
export { KeyringError } from './sealing.ts'
export { openServiceCertificates, type ServiceCertificates, type ServiceIdentity } from './service-certificates.ts'
