/** Writing a CRL of any size: entries come page by page and are octets at once. RFC 5280 §5.1. */

import { bitString, contentsOf, explicit, onlyElement, optional, sequence, smallInteger, time } from '@mobile-jpki/der'
import { AlgorithmIdentifier } from '../algorithm.ts'
import {
  authorityKeyIdentifier,
  checkExtensions,
  cRLNumber,
  type Extension,
  Extensions,
  extension,
} from '../extensions.ts'
import { Name } from '../name.ts'
import { entryWriter, longestEntry } from './entry.ts'
import type { RevokedEntry } from './list.ts'

/** A list without its entries. */
export interface CrlHead {
  readonly issuer: Name
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly crlNumber: bigint
  readonly authorityKeyIdentifier: Uint8Array
  /** Beside AKI and CRL number, such as issuingDistributionPoint. */
  readonly extensions?: readonly Extension[]
}

export interface CrlWriter {
  /** In the order in which they will stand. */
  add(page: Iterable<RevokedEntry>): void
  /** Once, after the last page: the entries are released as they are copied into the list. */
  close(head: CrlHead, signature: AlgorithmIdentifier): UnsignedCrl
}

export interface UnsignedCrl {
  readonly tbs: Uint8Array
  /** Puts the frame around it, in place: what an earlier call answered is no list any more. */
  seal(signatureValue: Uint8Array): Uint8Array
}

const pieceLength = 1 << 20
/** The outer frame, as long as it may be: a header before the signed part; algorithm and signature after it. */
const roomBefore = 6
const roomAfter = 1100

/**
 * The entries are collected in pieces whose memory can be given back at once, so that a list being closed is in memory about once:
 * with a million entries that counts.
 */
export function crlWriter(): CrlWriter {
  const pieces: Uint8Array[] = []
  let piece = new Uint8Array()
  let at = 0
  const write = entryWriter()

  const turnOver = (): void => {
    if (at > 0) pieces.push(piece.subarray(0, at))
    piece = new Uint8Array(new ArrayBuffer(pieceLength, { maxByteLength: pieceLength }))
    at = 0
  }

  return {
    add(page) {
      for (const entry of page) {
        if (at + longestEntry > piece.length) turnOver()
        at = write(piece, at, entry)
      }
    },
    close(head, signature) {
      if (at > 0) pieces.push(piece.subarray(0, at))
      const before = contentsOf(onlyElement(Before.encode(beforeOf(head, signature))))
      const after = After.encode(crlExtensionsOf(head))
      const entries = pieces.reduce((sum, { length }) => sum + length, 0)
      const list = entries === 0 ? new Uint8Array() : headerOf(0x30, entries)
      const length = before.length + list.length + entries + after.length
      const header = headerOf(0x30, length)
      const whole = new Uint8Array(roomBefore + header.length + length + roomAfter)
      let end = roomBefore
      const append = (octets: Uint8Array): void => {
        whole.set(octets, end)
        end += octets.length
      }
      for (const octets of [header, before, list]) append(octets)
      for (const octets of pieces.splice(0)) {
        append(octets)
        octets.buffer instanceof ArrayBuffer && octets.buffer.resize(0)
      }
      append(after)
      const endOfTbs = end
      return {
        tbs: whole.subarray(roomBefore, end),
        seal(signatureValue) {
          end = endOfTbs
          append(AlgorithmIdentifier.encode(signature))
          append(bitString.encode(signatureValue))
          const frame = headerOf(0x30, end - roomBefore)
          whole.set(frame, roomBefore - frame.length)
          return whole.subarray(roomBefore - frame.length, end)
        },
      }
    },
  }
}

const Before = sequence({
  version: smallInteger,
  signature: AlgorithmIdentifier,
  issuer: Name,
  thisUpdate: time,
  nextUpdate: optional(time),
})
const After = explicit(0, Extensions)

const beforeOf = ({ issuer, thisUpdate, nextUpdate }: CrlHead, signature: AlgorithmIdentifier) => ({
  version: 1,
  signature,
  issuer,
  thisUpdate,
  nextUpdate,
})

const crlExtensionsOf = (head: CrlHead) =>
  checkExtensions([
    extension(authorityKeyIdentifier, { keyIdentifier: head.authorityKeyIdentifier }),
    extension(cRLNumber, head.crlNumber),
    ...(head.extensions ?? []),
  ])

/** Identifier and length, as short as they may be (X.690 §10.1). */
function headerOf(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff)
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}
