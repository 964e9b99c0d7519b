/** PDUs out of a stream of octets: command_length says where each ends. SMPP v3.4 §3.2. */
import { concat } from '@mobile-jpki/tlv'
import { headerLength, SmppError } from './pdu.ts'

/** A PDU of ours with a message of 254 octets has under 400. */
export const longestPdu = 4096

export interface Frames {
  readonly frames: readonly Uint8Array[]
  /** The beginning of the next PDU: it goes before what comes next. */
  readonly rest: Uint8Array
}

/** Throws SmppError at a length that no PDU has: after it nothing in the stream can be trusted, and it must be closed. */
export function takeFrames(rest: Uint8Array, chunk: Uint8Array, longest = longestPdu): Frames {
  const stream = concat(rest, chunk)
  const view = new DataView(stream.buffer)
  const frames: Uint8Array[] = []
  let at = 0
  while (stream.length - at >= 4) {
    const length = view.getUint32(at)
    if (length < headerLength || length > longest)
      throw new SmppError(`${length} octets are no PDU`, 'invalidCommandLength')
    if (stream.length - at < length) break
    frames.push(stream.slice(at, at + length))
    at += length
  }
  return { frames, rest: stream.slice(at) }
}
