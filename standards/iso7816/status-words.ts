/** Status words and what they say. ISO/IEC 7816-4:2020 §5.6, tables 5 and 6; GPCS v2.3.1 §11.1.3, table 11-10. */

/** Status words by the name under which this code uses them. */
export const SW = {
  ok: 0x9000,
  warning: 0x6200,
  endOfFileReached: 0x6282,
  cardLocked: 0x6283,
  authenticationFailed: 0x6300,
  moreDataAvailable: 0x6310,
  executionError: 0x6400,
  memoryFailure: 0x6581,
  wrongLength: 0x6700,
  logicalChannelNotSupported: 0x6881,
  secureMessagingNotSupported: 0x6882,
  lastCommandOfChainExpected: 0x6883,
  commandChainingNotSupported: 0x6884,
  incompatibleWithFileStructure: 0x6981,
  securityStatusNotSatisfied: 0x6982,
  authenticationMethodBlocked: 0x6983,
  referenceDataNotUsable: 0x6984,
  conditionsOfUseNotSatisfied: 0x6985,
  noCurrentEf: 0x6986,
  secureMessagingDataObjectsMissing: 0x6987,
  secureMessagingDataObjectsIncorrect: 0x6988,
  appletSelectFailed: 0x6999,
  secureMessagingRefused: 0x69fc,
  wrongData: 0x6a80,
  functionNotSupported: 0x6a81,
  fileOrApplicationNotFound: 0x6a82,
  recordNotFound: 0x6a83,
  notEnoughMemory: 0x6a84,
  wrongP1P2: 0x6a86,
  lcInconsistentWithP1P2: 0x6a87,
  referencedDataNotFound: 0x6a88,
  fileAlreadyExists: 0x6a89,
  wrongOffset: 0x6b00,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
  noPreciseDiagnosis: 0x6f00,
  algorithmNotSupported: 0x9484,
  invalidKeyCheckValue: 0x9485,
} as const
export type StatusWordName = keyof typeof SW
export type StatusWord = (typeof SW)[StatusWordName]

const sentences: Readonly<Record<StatusWordName, string>> = {
  ok: 'Done.',
  warning: 'Done, with a warning.',
  endOfFileReached: 'The file or record ended before Le octets.',
  cardLocked: 'The selected application or the card is locked.',
  authenticationFailed: 'Authentication failed.',
  moreDataAvailable: 'Done; more data is available.',
  executionError: 'Execution error; memory is unchanged.',
  memoryFailure: 'Memory failure.',
  wrongLength: 'Wrong length.',
  logicalChannelNotSupported: 'The logical channel is not supported or not open.',
  secureMessagingNotSupported: 'Secure messaging is not supported.',
  lastCommandOfChainExpected: 'The last command of the chain was expected.',
  commandChainingNotSupported: 'Command chaining is not supported.',
  incompatibleWithFileStructure: 'The command does not fit the structure of the file.',
  securityStatusNotSatisfied: 'The security status does not allow this.',
  authenticationMethodBlocked: 'The authentication method is blocked.',
  referenceDataNotUsable: 'The reference data cannot be used: it is blocked.',
  conditionsOfUseNotSatisfied: 'The conditions of use are not satisfied.',
  noCurrentEf: 'No elementary file is current.',
  secureMessagingDataObjectsMissing: 'Secure messaging data objects are missing.',
  secureMessagingDataObjectsIncorrect: 'Secure messaging data objects are incorrect.',
  appletSelectFailed: 'The application refused its selection.',
  secureMessagingRefused: 'Secure messaging is refused for this command.',
  wrongData: 'The command data field is incorrect.',
  functionNotSupported: 'The function is not supported.',
  fileOrApplicationNotFound: 'There is no such file or application.',
  recordNotFound: 'There is no such record.',
  notEnoughMemory: 'There is not enough memory.',
  wrongP1P2: 'P1 P2 are incorrect.',
  lcInconsistentWithP1P2: 'Lc does not fit P1 P2.',
  referencedDataNotFound: 'The referenced data was not found.',
  fileAlreadyExists: 'There is such a file already.',
  wrongOffset: 'The offset lies outside the file.',
  instructionNotSupported: 'The instruction is not supported.',
  classNotSupported: 'The class is not supported.',
  noPreciseDiagnosis: 'No precise diagnosis.',
  algorithmNotSupported: 'The algorithm is not supported.',
  invalidKeyCheckValue: 'The key check value is wrong.',
}

const nameOf = new Map<number, StatusWordName>(
  Object.entries(SW).map(([name, value]) => [value, name as StatusWordName]),
)

/** The name of a status word, if it has one of its own. */
export const statusWordName = (sw: number): StatusWordName | undefined => nameOf.get(sw)

/** A sentence for people. */
export function describeStatusWord(sw: number): string {
  const name = nameOf.get(sw)
  if (name !== undefined) return sentences[name]
  const sw2 = sw & 0xff
  if ((sw & 0xfff0) === 0x63c0) return `Verification failed; ${sw & 0x0f} tries left.`
  if (sw >>> 8 === 0x61) return `Done; ${sw2 || 256} more octets are available.`
  if (sw >>> 8 === 0x6c) return `Wrong Le; ${sw2 || 256} octets are available.`
  return classes[sw >>> 8] ?? `Unknown status word ${hex(sw)}.`
}

/** ISO/IEC 7816-4 §5.6, table 5: what SW1 alone says. */
const classes: Readonly<Record<number, string>> = {
  98: 'Done, with a warning; memory is unchanged.',
  99: 'Done, with a warning; memory has changed.',
  100: 'Execution error; memory is unchanged.',
  101: 'Execution error; memory has changed.',
  102: 'Execution error; a security matter.',
  104: 'A function of the class octet is not supported.',
  105: 'The command is not allowed.',
  106: 'Wrong parameters.',
  111: 'No precise diagnosis.',
}

/** The card did it: 9000, 61xx, and 6310 of GET STATUS. 62xx and the other 63xx are for the caller to judge. */
export const isSuccess = (sw: number): boolean => sw === SW.ok || sw >>> 8 === 0x61 || sw === SW.moreDataAvailable

/** Normal or warning processing, ISO/IEC 7816-4 §5.6: the response may carry data. */
export const isNormalOrWarning = (sw: number): boolean =>
  sw === SW.ok || sw >>> 8 === 0x61 || sw >>> 8 === 0x62 || sw >>> 8 === 0x63

export const hex = (sw: number): string => sw.toString(16).padStart(4, '0').toUpperCase()
