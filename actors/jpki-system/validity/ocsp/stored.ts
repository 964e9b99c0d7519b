/** Answers that were signed before: one look-up, and one answer written in place. RFC 5019. */
import {
  crlReasons,
  type LightweightWriter,
  lightweightPrefix,
  lightweightSerialLength,
  lightweightWriter,
  parseCertificate,
} from '@mobile-jpki/pkix'
import { sha1, sha256 } from '@mobile-jpki/pkix/crypto'
import type { StoredStatus } from '../../domain/world.ts'
import type { AnswersWorld, OcspReply } from './answers.ts'
import type { Issuer, Issuers } from './issuers.ts'

/** By one look-up and the writing of one answer, without a promise where the database needs none; undefined for whatever is not so simple. */
export function storedAnswers({ now, register, issuers }: AnswersWorld) {
  const prefixes = prefixesOf(issuers)
  const writers = new Map<number, LightweightWriter>()

  const compose = (issuer: Issuer, serialNumber: Uint8Array, status: StoredStatus | undefined) => {
    const at = Math.floor(now().getTime() / 1000)
    if (status === undefined || status.generation !== issuer.generation) return undefined
    // An answer of the future is one from before the clock was set back.
    if (at < status.thisUpdate || at >= status.nextUpdate) return undefined
    const writer = writers.get(status.responder)
    return writer === undefined
      ? writerOf(issuer, status.responder).then((made) => made && replyOf(made, serialNumber, status))
      : replyOf(writer, serialNumber, status)
  }

  const writerOf = async (issuer: Issuer, id: number): Promise<LightweightWriter | undefined> => {
    const responder = await register.responders.find(id)
    if (responder === undefined) return undefined
    const { certificate } = responder
    const keyHash = sha1(parseCertificate(certificate).publicKeyBits)
    const writer = lightweightWriter({ issuer: issuer.opened, keyHash, certificate, hash })
    const [oldest] = writers.keys()
    if (writers.size >= writersKept && oldest !== undefined) writers.delete(oldest)
    writers.set(id, writer)
    return writer
  }

  return (request: Uint8Array): OcspReply | undefined | Promise<OcspReply | undefined> => {
    const known = prefixes().find(({ prefix }) => isPrefix(prefix, request))
    if (known === undefined) return undefined
    const serialNumber = request.subarray(-lightweightSerialLength)
    const status = register.stored.find(known.issuer.name, serialNumber)
    return status instanceof Promise
      ? status.then((one) => compose(known.issuer, serialNumber, one))
      : compose(known.issuer, serialNumber, status)
  }
}

/** More than the responders of all nodes and generations within three days. */
const writersKept = 1000

const hash = (algorithm: 'sha1' | 'sha256', octets: Uint8Array) =>
  algorithm === 'sha1' ? sha1(octets) : sha256(octets)

function prefixesOf(issuers: Issuers) {
  let of: readonly Issuer[] | undefined
  let prefixes: readonly { readonly issuer: Issuer; readonly prefix: Uint8Array }[] = []
  return () => {
    const all = issuers.all()
    if (all !== of) {
      of = all
      prefixes = all.map((issuer) => ({ issuer, prefix: lightweightPrefix(issuer.opened, hash) }))
    }
    return prefixes
  }
}

function isPrefix(prefix: Uint8Array, octets: Uint8Array): boolean {
  if (octets.length !== prefix.length + lightweightSerialLength) return false
  for (let index = 0; index < prefix.length; index++) if (prefix[index] !== octets[index]) return false
  return true
}

function replyOf(writer: LightweightWriter, serialNumber: Uint8Array, status: StoredStatus): OcspReply {
  const { revoked, thisUpdate, nextUpdate, signature } = status
  return {
    der: writer.response({ serialNumber, revoked, thisUpdate, nextUpdate }, signature),
    validity: {
      thisUpdate,
      nextUpdate,
      isFinal: revoked !== undefined && revoked.reason !== crlReasons.certificateHold,
      signature,
    },
  }
}
