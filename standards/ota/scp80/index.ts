/**
 * SCP80, the part that needs cryptography: secured packets and their proofs of receipt. ETSI TS 102 225, 3GPP TS 31.115.
 *
 *   sender     secureCommand(packet, keys) → octets after `02 70 00` · openResponse(octets after `02 71 00`, command, keys)
 *   card       readCommand(octets) → header · openCommand(…, keys) → data · judgeCounter · secureResponse
 */
export { keyFits, type OtaKeys } from './checks.ts'
export { type CommandPacket, type OpenedCommand, openCommand, secureCommand } from './command.ts'
export {
  type OpenedResponse,
  openResponse,
  ProofError,
  type ProofFailure,
  type Response,
  secureResponse,
  wantsProof,
} from './response.ts'
