/**
 * APDUs, command declarations, status words. ISO/IEC 7816-4:2020, ISO/IEC 7816-3:2006.
 *
 *     const GetStatus = command({ name: 'GET STATUS', cla: 0x80, ins: 0xf2, p1: oneOf({…}), p2: …, data: …, response: … })
 *     GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid } })      // the host speaks
 *     GetStatus.fromApdu(apdu)                                                 // the card listens
 *     explain([GetStatus], octets)                                             // the trace prints
 */
export {
  ApduError,
  type CommandApdu,
  encodeCommandApdu,
  encodeResponseApdu,
  isSecured,
  logicalChannel,
  onChannel,
  parseCommandApdu,
  parseResponseApdu,
  plainClass,
  type ResponseApdu,
} from './apdu.ts'
export type { Card } from './card.ts'
export {
  type AnyCommand,
  type Command,
  command,
  type Declaration,
  type Params,
  type ParamsOf,
  type ResultOf,
  StatusWordError,
} from './command.ts'
export { type Explanation, explain, explainResponse, findCommand } from './explain.ts'
export { activated, FileControlParameters, fileDescriptors, linearFixed, referenceData } from './files.ts'
export {
  describeStatusWord,
  isNormalOrWarning,
  isSuccess,
  type StatusWord,
  type StatusWordName,
  SW,
  statusWordName,
} from './status-words.ts'
