/** The JPKI card application, its download and its certificate profile. */
export * from './access-code.ts'
export * from './attestation/attestation.ts'
export * from './attestation/casd.ts'
export * from './attestation/statement.ts'
export * from './attestation/voucher.ts'
export * from './card/application.ts'
export * as cardClient from './card/client.ts'
export * from './card/digest-info.ts'
export * from './card/token-info.ts'
export { certificateKindOf, lintCrlProfile, lintProfile } from './certificate/check.ts'
export { type FourItems, fourItemIds, readFourItems } from './certificate/four-items.ts'
export {
  authorityName,
  authorityOf,
  type CertificateKind,
  certificatePolicyIds,
  crlPartitionName,
  crlPartitionNames,
  holderIdentifier,
  type Municipality,
} from './certificate/names.ts'
export { contentsOf, crlProfiles, type Profile, profiles } from './certificate/profile.ts'
export type { AuthorityTerms, HolderTerms, ListTerms, ResponderTerms, SignTerms } from './certificate/terms.ts'
export * from './certificate/validity.ts'
export * from './device.ts'
export * from './dgi.ts'
export * as envelope from './envelope.ts'
export * from './identifiers.ts'
export * from './login.ts'
export * from './p256.ts'
export * from './terminal/authentication.ts'
export * from './terminal/certificate.ts'
export * as terminalClient from './terminal/client.ts'
export * from './terminal/commands.ts'
export * from './terminal/list.ts'
