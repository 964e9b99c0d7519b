/**
 * Cards reached over the air, without cryptography: `@mobile-jpki/ota/scp80` secures and opens packets. Each part opens with its standard:
 * ETSI TS 102 225, TS 102 226, TS 102 223; 3GPP TS 23.040, TS 31.111, TS 31.115; SMPP v3.4; GlobalPlatform Amendment B.
 *
 *   scp80    SPI, KIc, KID, TAR; counter rules; response status; readCommand
 *   sms      SmsDeliver, SmsSubmit, DeliverReport · split, join
 *   remote   CompactCommands, CompactAnswer · CommandScript, ResponseScript
 *   smpp     encodePdu, decodePdu, takeFrames
 *   scp81    SessionTrigger · writeRequest, readResponse, readHttp · beginSession, answered, ran, resumeSession
 *   cat      ENVELOPE, FETCH, TERMINAL RESPONSE, TERMINAL PROFILE · proactive commands of BIP
 */
export {
  BearerDescription,
  bearerTypes,
  ChannelStatus,
  NetworkAccessName,
  OtherAddress,
  TransportLevel,
  terminalsOwnBearer,
  transports,
} from './cat/bearer.ts'
export {
  EnvelopeCommand,
  Fetch,
  TerminalProfile,
  TerminalResponse,
  toolkitCommands,
  toolkitStatus,
} from './cat/commands.ts'
export { comprehension } from './cat/comprehension.ts'
export { Envelope, smsDownload } from './cat/envelopes.ts'
export {
  type BearerErrorName,
  bearerError,
  bearerErrors,
  type ChannelDevice,
  CommandDetails,
  CommandResult,
  type CommandType,
  channelDevice,
  channelOf,
  commandTypes,
  type Device,
  DeviceIdentities,
  Duration,
  done,
  type Event,
  events,
  type GeneralResult,
  isPerformed,
  objectTags,
  results,
  TimerValue,
} from './cat/objects.ts'
export { longestChannelData, ProactiveCommand, TerminalResponseData } from './cat/proactive.ts'
export { type Facility, facilities, TerminalProfileData } from './cat/profile.ts'
export { CompactAnswer, CompactCommands } from './remote/apdus.ts'
export {
  answerTo,
  type BadFormat,
  badFormats,
  type Chaining,
  type ChainingFailure,
  CommandScript,
  chainingFailures,
  chainings,
  immediateActions,
  isExpanded,
  ResponseScript,
  responseApdus,
  type ScriptCommand,
  type ScriptResponse,
  scriptOf,
} from './remote/scripts.ts'
export {
  type CounterPosition,
  counterPosition,
  counterTable,
  describeResponseStatus,
  judgeCounter,
  lastCounter,
  type ResponseStatus,
  responseStatuses,
} from './scp80/counter.ts'
export { type CommandOnWire, readCommand } from './scp80/layout.ts'
export {
  type Cipher,
  type CommandHeader,
  type CounterRule,
  ciphers,
  counterRules,
  type Integrity,
  integrities,
  type KeyIndication,
  type Proof,
  proofs,
  type RedundancyCheck,
  redundancyChecks,
  SecurityParameters,
  Tar,
  tars,
} from './scp80/security.ts'
export {
  type Framing,
  type HttpLimits,
  type HttpMessage,
  type HttpReader,
  httpReader,
  type Read,
  readHttp,
  writeMessage,
} from './scp81/http.ts'
export {
  type AdminFailure,
  AdminProtocolError,
  adminProtocol,
  cipherSuites,
  contentTypes,
  type ScriptStatus,
  scriptStatuses,
  targetName,
  targetOf,
} from './scp81/media.ts'
export {
  type AdminRequest,
  type AdminResponse,
  readRequest,
  readResponse,
  writeFailure,
  writeRequest,
  writeResponse,
} from './scp81/messages.ts'
export {
  ConnectionParameters,
  longestPskIdentity,
  PskIdentity,
  PskParameters,
  RetryPolicy,
  resolveParameters,
  SessionParameters,
  SessionTrigger,
  StoredParameters,
  storedParameters,
} from './scp81/parameters.ts'
export { type AdminPeer, type AdminSession, answered, beginSession, ran, resumeSession } from './scp81/session.ts'
export {
  cardData,
  type EsmClass,
  international,
  type SmppAddress,
} from './smpp/fields.ts'
export { type Frames, longestPdu, takeFrames } from './smpp/frames.ts'
export {
  cardMessage,
  decodePdu,
  describePdu,
  encodePdu,
  type Pdu,
  type PduBody,
  type PduName,
  type PduNamed,
  SmppError,
} from './smpp/pdu.ts'
export { type Status as SmppStatus, statuses as smppStatuses } from './smpp/status.ts'
export { type Address, AddressValue, type NumberType, numberTypes, TimeStamp, timeStampOf } from './sms/address.ts'
export {
  DeliverReport,
  dcsEightBitClass2,
  failureCauses,
  longestReport,
  pidSimDataDownload,
  SmsDeliver,
  SmsSubmit,
} from './sms/tpdu.ts'
export {
  commandPacketElement,
  elementNames,
  hasElement,
  type InformationElement,
  type Joined,
  type JoinLimits,
  join,
  longestUserData,
  type Part,
  type Pending,
  partOf,
  responsePacketElement,
  split,
  UserData,
} from './sms/user-data.ts'
