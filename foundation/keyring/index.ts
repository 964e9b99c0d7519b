/** Where keys live: named, made at first use, never shown. */
export { type Agreement, type Keyring, openKeyring } from './keyring.ts'
export { openToken, type Token, type TokenSettings } from './pkcs11/token.ts'
export { rewrap } from './rewrap.ts'
export { KeyringError } from './sealing.ts'
export { readSecretFile } from './secret-file.ts'
export { openServiceCertificates, type ServiceCertificates, type ServiceIdentity } from './service-certificates.ts'
export {
  type KeyDescription,
  type SignerKind,
  type SigningKeys,
  signerKinds,
  type TokenDescription,
} from './signing-keys.ts'
export { type Vault, vaultIn } from './vault.ts'
