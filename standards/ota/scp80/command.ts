/** Command packets: the sender secures them, the card opens them. ETSI TS 102 225 §5.1, 3GPP TS 31.115 §4.3. */
import { concat } from '@mobile-jpki/tlv'
import { checkHolds, checkLengthOf, checkOver, cipher, decipher, type OtaKeys, paddingFor } from './checks.ts'
import type { ResponseStatus } from './counter.ts'
import { type CommandOnWire, readBody, writeClear, writeCounter } from './layout.ts'
import type { CommandHeader } from './security.ts'

export interface CommandPacket extends CommandHeader {
  /** CNTR, up to 2^40 − 1. */
  readonly counter: number
  readonly data: Uint8Array
}

/** The packet from CPL on, which follows the user data header `02 70 00`. */
export function secureCommand(packet: CommandPacket, keys: OtaKeys): Uint8Array {
  const { spi, kic, kid, counter, data } = packet
  const checkLength = checkLengthOf(spi.integrity, kid)
  const plainLength = 6 + checkLength + data.length
  const padding = spi.ciphered && kic !== undefined ? paddingFor(kic.algorithm, plainLength) : 0
  const clear = writeClear(packet, checkLength, plainLength + padding)
  const counted = writeCounter(counter, padding)
  const padded = concat(data, new Uint8Array(padding))
  const check = checkOver(spi.integrity, kid, keys, concat(clear, counted, padded))
  if (check === undefined) throw new TypeError('KID and its key do not make the check that SPI names')
  const body = concat(counted, check, padded)
  return concat(clear, spi.ciphered ? cipher(kic, keys, body) : body)
}

/** What became of a packet whose counter is still to be judged. */
export type OpenedCommand =
  | { readonly status: 'ok'; readonly counter: number; readonly data: Uint8Array }
  | { readonly status: Exclude<ResponseStatus, 'ok'>; readonly counter: number }

/**
 * Opens a packet that `readCommand` took apart. The counter goes into the proof of receipt; it is 0 where none could be read.
 * TS 102 225 §5.1.4: only when this says ok may the counter be judged (`judgeCounter`) and kept.
 */
export function openCommand({ header, clear, body, checkLength }: CommandOnWire, keys: OtaKeys): OpenedCommand {
  const { spi, kic, kid } = header
  if (checkLength !== checkLengthOf(spi.integrity, kid)) return { status: 'unidentifiedSecurityError', counter: 0 }
  const plain = spi.ciphered ? decipher(kic, keys, body) : body
  const parts = plain === undefined ? undefined : readBody(plain, checkLength)
  if (parts === undefined) return { status: 'cipheringError', counter: 0 }
  const { counted, counter, padding, check, padded, data } = parts
  if (!spi.ciphered && padding !== 0) return { status: 'unidentifiedSecurityError', counter }
  const wanted = checkOver(spi.integrity, kid, keys, concat(clear, counted, padded))
  if (!checkHolds(wanted, check)) return { status: 'integrityFailed', counter }
  return { status: 'ok', counter, data }
}
