/** Response packets, the proof of receipt (PoR): the card secures them as the command's SPI asked. ETSI TS 102 225 §5.2, 3GPP TS 31.115 §4.4. */
import { concat, sameOctets, TlvError } from '@mobile-jpki/tlv'
import { checkHolds, checkLengthOf, checkOver, cipher, decipher, type OtaKeys, paddingFor } from './checks.ts'
import type { ResponseStatus } from './counter.ts'
import {
  readResponseBody,
  readResponseClear,
  readStatus,
  responseClearLength,
  writeResponseClear,
  writeResponseCounter,
} from './layout.ts'
import type { CommandHeader, SecurityParameters } from './security.ts'

/** UDHL, RPI and its length: outside the packet, yet part of what RC and CC are over. TS 31.115 §4.4. */
const responseHeader = Uint8Array.of(0x02, 0x71, 0x00)

/** Whether the sender asked for a proof of this outcome. */
export const wantsProof = ({ proof }: SecurityParameters, status: ResponseStatus): boolean =>
  proof === 'always' || (proof === 'onError' && status !== 'ok')

export interface Response {
  readonly status: ResponseStatus
  /** The command's. */
  readonly counter: number
  readonly data: Uint8Array
}

/**
 * The packet from RPL on, which follows the user data header `02 71 00`. Without keys, when the command named none that the
 * card has, an error goes out unsecured, since nothing else can.
 */
export function secureResponse(header: CommandHeader, response: Response, keys: OtaKeys | undefined): Uint8Array {
  const { status, counter, data } = response
  const { spi, kic, kid, tar } = header
  if (keys === undefined) {
    if (status === 'ok') throw new TypeError('a card without keys has nothing to answer')
    return concat(writeResponseClear(tar, 0, 7 + data.length), writeResponseCounter(counter, 0, status), data)
  }
  const checkLength = checkLengthOf(spi.proofIntegrity, kid)
  const plainLength = 7 + checkLength + data.length
  const padding = spi.proofCiphered && kic !== undefined ? paddingFor(kic.algorithm, plainLength) : 0
  const clear = writeResponseClear(tar, checkLength, plainLength + padding)
  const counted = writeResponseCounter(counter, padding, status)
  const padded = concat(data, new Uint8Array(padding))
  const check = checkOver(spi.proofIntegrity, kid, keys, concat(responseHeader, clear, counted, padded))
  if (check === undefined) throw new TypeError('KID and its key do not make the check that SPI names')
  const body = concat(counted, check, padded)
  return concat(clear, spi.proofCiphered ? cipher(kic, keys, body) : body)
}

export type ProofFailure = 'malformed' | 'integrity' | 'ciphering' | 'unsecured' | 'another-command'

/** A response packet that proves nothing. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
  readonly failure: ProofFailure

  constructor(failure: ProofFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}

/** What a card says only when it has read the counter: then the answer must have the command's. */
const tellsCounter: ReadonlySet<ResponseStatus> = new Set([
  'ok',
  'counterLow',
  'counterHigh',
  'counterBlocked',
  'moreTime',
  'actualResponseBySubmit',
])

export interface OpenedResponse extends Response {
  /** False for an error that came without the security asked for: anybody on the way can have made it. */
  readonly secured: boolean
}

/** Opens a packet, from RPL on, as the answer to one command. Throws ProofError where it is not its secured answer. */
export function openResponse(
  packet: Uint8Array,
  { spi, kic, kid, tar, counter: sent }: CommandHeader & { readonly counter: number },
  keys: OtaKeys,
): OpenedResponse {
  const wire = malformedUnless(() => readResponseClear(packet))
  const wantedLength = checkLengthOf(spi.proofIntegrity, kid)
  const secured = wire.checkLength === wantedLength
  if (!secured && wire.checkLength !== 0)
    throw new ProofError('malformed', 'the check has another length than asked for')
  const plain = secured && spi.proofCiphered ? decipher(kic, keys, wire.body) : wire.body
  const parts = plain === undefined ? undefined : readResponseBody(plain, wire.checkLength)
  if (parts === undefined) throw new ProofError('ciphering', 'the response does not decipher')
  const { counted, check, padded, data, counter, padding } = parts
  const message = concat(responseHeader, packet.subarray(0, responseClearLength), counted, padded)
  if (secured && !checkHolds(checkOver(spi.proofIntegrity, kid, keys, message), check))
    throw new ProofError('integrity', 'the check over the response fails')
  if (!(secured && spi.proofCiphered) && padding !== 0) throw new ProofError('malformed', 'padding without ciphering')
  const status = malformedUnless(() => readStatus(parts.statusOctet))
  if (!secured && status === 'ok') throw new ProofError('unsecured', 'a success that nobody vouches for')
  if (!sameOctets(wire.tar, tar)) throw new ProofError('another-command', 'the response is of another application')
  if (secured && tellsCounter.has(status) && counter !== sent)
    throw new ProofError('another-command', 'the response is to another command')
  return { status, counter, data, secured }
}

function malformedUnless<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof TlvError) throw new ProofError('malformed', error.message, { cause: error })
    throw error
  }
}
