/**
 * Card and application management: the commands, the registry, keys, secure channels. GlobalPlatform Card Specification v2.3.1.
 *
 *   commands           InitializeUpdate, GetStatus, InstallForLoad, Load, PutKey, StoreData, …  (toApdu / fromApdu)
 *   secure channel     openHostSession, wrap, unwrap  ·  initializeUpdate, externalAuthenticate, acceptCommand, protectResponse
 *   registry           Aid, Privileges, RegistryEntry, life cycles
 *   keys               wrapKey, unwrapKey, keyCheckValue, diversify, PUT KEY and DGI forms
 *   proofs             tokens, receipts, load file data block hash and DAP
 *   confidential       set-up of keys through the CASD: pushKeys, pullKeys  ·  CardCertificate
 *   access rules       which application of the device may reach which of the card
 *   card data          what GET DATA answers
 */

export {
  AccessReference,
  AccessRule,
  AccessRules,
  AllAccessRules,
  type ApduAccess,
  type ApduFilter,
  accessRuleApplication,
  accessRuleCommands,
  accessRuleData,
  accessTo,
  allowsCommand,
  deviceApplicationOf,
  RefreshTag,
  SpecificAccess,
  StoreAccessRule,
} from './access-rules.ts'
export { CardCapabilities, ExtendedCardResources } from './card-data/capabilities.ts'
export { CardProductionLifeCycle } from './card-data/production.ts'
export { CardRecognitionData } from './card-data/recognition.ts'
export {
  Delete,
  ExternalAuthenticate,
  FileControlInformation,
  GetData,
  GetDataInterindustry,
  GetStatus,
  globalPlatformCommands,
  InitializeUpdate,
  type KeyReference,
  Load,
  ManageChannel,
  PutKey,
  Select,
  SetStatus,
  StoreData,
  type StoreDataControl,
} from './commands.ts'
export {
  CardCertificate,
  type CertificateStatement,
  certificateToSign,
  certifiedPoint,
  certifiedUsages,
  type VerifyP256,
} from './confidential/certificate.ts'
export { type CasdPoints, casdPoints, type Owner, type OwnersP256, pullKeys, pushKeys } from './confidential/host.ts'
export {
  confidentialGroupings,
  type KeySetUp,
  onP256,
  openKeys,
  PullAnswer,
  PushAnswer,
  pullToSign,
  requestToSign,
  type SetUpBinding,
  SetUpRequest,
  type Speaker,
  sealKeys,
  setUpKeys,
  setUpReceipt,
  spokenFor,
} from './confidential/set-up.ts'
export { SetContactlessState } from './contactless.ts'
export {
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  InstallForMakeSelectable,
  InstallForPersonalization,
  InstallForRegistryUpdate,
  InstallParameters,
  LoadParameters,
  SecurityDomainParameters,
} from './content/install.ts'
export { lengthValue, lengthValues, orEmpty, present, readLengthValues, reserved } from './content/length-value.ts'
export {
  cipherDataBlock,
  cutBlocks,
  DapBlock,
  decipherDataBlock,
  LoadFile,
  type LoadFileKey,
} from './content/load-file.ts'
export {
  Confirmation,
  type ConfirmationData,
  dataBlockHash,
  makeDapBlock,
  makeReceipt,
  makeToken,
  type ReceiptContext,
  type ReceiptKey,
  sha256,
  signGp,
  TokenControl,
  tokenInput,
  verifyDapBlock,
  verifyGp,
  verifyReceipt,
  verifyToken,
} from './content/tokens.ts'
export { ToolkitParameters, tarInAid, UiccParameters } from './content/toolkit.ts'
export { aesCmac } from './cryptography.ts'
export { keyCheckValue, type SymmetricKeyType } from './keys/check-value.ts'
export { type DataGrouping, DataGroupings, takeGroupings } from './keys/dgi.ts'
export { type DiversificationMethod, diversify } from './keys/diversification.ts'
export {
  curves,
  type KeyBlock,
  type KeyComponent,
  type KeyTypeName,
  keyTypeName,
  keyTypes,
  PutKeyData,
  PutKeyResponse,
} from './keys/key-block.ts'
export { type KeyInformation, KeyInformationTemplate } from './keys/key-information.ts'
export { unwrapKey, unwrapSecret, wrapKey, wrapSecret } from './keys/key-wrap.ts'
export { KeySetDescription, keyGroupings, keyPurposes, keySetGroupings } from './keys/personalization.ts'
export { componentsOf, publicKeyOf } from './keys/public-key.ts'
export { cutPutKey, joinPutKey, type NewKeySet, putKeySet } from './keys/put-key.ts'
export {
  type ApplicationEvent,
  type ApplicationState,
  applicationStateAfter,
  applicationStates,
  applicationTransitions,
  type CardEvent,
  type CardState,
  cardStateAfter,
  cardStateName,
  cardStates,
  cardTransitions,
  describeState,
  isLocked,
  loadFileStates,
  locked,
  securityDomainStates,
  unlocked,
} from './life-cycle.ts'
export {
  Aid,
  type ContactlessState,
  contactlessStates,
  type Privilege,
  Privileges,
  privileges,
  RegistryEntry,
} from './registry.ts'
export {
  type InitializeUpdateResponse,
  isSecurityLevel,
  type KeySet,
  levelsOf,
  type Received,
  type Scp,
  SecureChannelError,
  type SecureChannelFailure,
  type SecurityLevel,
  type Sent,
  type Step,
  scpOf,
  securityLevels,
} from './secure-channel.ts'
export {
  acceptCommand,
  type CardInitialization,
  decryptData,
  encryptData,
  externalAuthenticate,
  type HostOpening,
  type InitializedSession,
  initializeUpdate,
  type KeyEncryption,
  largestData,
  openHostSession,
  parseInitializeUpdateResponse,
  protectResponse,
  type SecureChannelSession,
  unwrap,
  wrap,
} from './session.ts'
export { SessionState } from './session-state.ts'
