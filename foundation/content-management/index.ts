/**
 * What a TSM does to the content of a card over an `Element`, whatever lies between: MNO-TSM and SP-TSM alike. GPCS v2.3.1 §9, §11.
 *
 *   terms        how a card is spoken to, from its carrier's SIM type
 *   channel      openDomain: a secure channel as the terms say
 *   registry     readContent: both lists in one round trip
 *   steps        load, install, extradite, delete; missingSteps: what an application lacks
 *   domain       makeDomain, giveKeys, relaySetUp: a supplementary security domain
 *   keys         replaceKeys: the owner takes it over
 *   delegation   tokens in commands, receipts in answers
 *   confidential askCasd, setUpMessage: keys that nobody on the way learns
 */
export { missingSteps, type Wanted } from './applet.ts'
export { type DomainChannel, type DomainOpening, openDomain } from './channel.ts'
export {
  agreementPointIn,
  askCasd,
  type CasdTrust,
  type DomainOwner,
  type OneTimeKey,
  type SetUp,
  setUpMessage,
} from './confidential.ts'
export {
  type Granted,
  type Received,
  receiptContextOf,
  receiptsIn,
  withControl,
  withToken,
} from './delegation.ts'
export { giveKeys, makeDomain, type NewDomain, relaySetUp } from './domain.ts'
export { checkReplaced, keySetOf, type Replacement, replaceKeys } from './keys.ts'
export { type LoadFile, readLoadFile } from './load-file.ts'
export { type CardContent, readContent } from './registry.ts'
export {
  commandsOf,
  deleting,
  extraditing,
  type Installing,
  installing,
  type Loading,
  loading,
  type Step,
} from './steps.ts'
export {
  type CardType,
  type ChannelTerms,
  channelTermsOf,
  domainKeyVersions,
  keyLengthOf,
  keyTypeOf,
  type ManagementModel,
  protocolOf,
  securityLevelOf,
} from './terms.ts'
