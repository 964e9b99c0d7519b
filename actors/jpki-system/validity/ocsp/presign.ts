/** Answers signed ahead: of one certificate each, by SHA-1, without a nonce (RFC 5019 §2.2). */
import {
  crlReasons,
  type LightweightWriter,
  lightweightSerialLength,
  lightweightWriter,
  plainEcdsaSignature,
} from '@mobile-jpki/pkix'
import { sha1, sha256 } from '@mobile-jpki/pkix/crypto'
import type { CertificateStatus, StoredAnswer } from '../../domain/world.ts'
import type { Issuers } from './issuers.ts'
import type { OcspResponders, Responder } from './responders.ts'

export interface PresignWorld {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly issuers: Pick<Issuers, 'all'>
  readonly responders: Pick<OcspResponders, 'present'>
  readonly lifeMilliseconds: number
}

/** Whether an answer is to be stored at all: not for what was never good, nor for what has expired, which hardly anybody asks for. */
export const isStored = ({ state, serialNumber, notAfter, revocation }: CertificateStatus, at: Date): boolean =>
  (state === 'valid' || revocation !== undefined) &&
  at < notAfter &&
  serialNumber.length === 2 * lightweightSerialLength

/** The answer for a status as it is now; undefined where none is stored, and where no responder is there to sign it. */
export function presigner({ now, random, issuers, responders, lifeMilliseconds }: PresignWorld) {
  const writers = new WeakMap<Responder, LightweightWriter>()

  const writerFor = (status: CertificateStatus, responder: Responder): LightweightWriter | undefined => {
    const known = writers.get(responder)
    if (known !== undefined) return known
    const issuer = issuers.all().find((one) => one.name === status.authority && one.generation === status.generation)
    if (issuer === undefined) return undefined
    const writer = lightweightWriter({ issuer: issuer.opened, ...responder, hash })
    writers.set(responder, writer)
    return writer
  }

  return async (status: CertificateStatus): Promise<StoredAnswer | undefined> => {
    const at = Math.floor(now().getTime() / 1000)
    if (!isStored(status, new Date(at * 1000))) return undefined
    const responder = responders.present(status.authority, status.generation)
    if (responder === undefined) return undefined
    const writer = writerFor(status, responder)
    if (writer === undefined) return undefined
    const until = Math.min(at * 1000 + lifeMilliseconds, status.notAfter.getTime(), responder.notAfter.getTime())
    const answer = {
      serialNumber: Uint8Array.fromHex(status.serialNumber),
      revoked: status.revocation && {
        at: Math.floor(status.revocation.at.getTime() / 1000),
        reason: crlReasons[status.revocation.reason],
      },
      thisUpdate: at,
      nextUpdate: Math.floor(until / 1000),
    }
    const signature = plainEcdsaSignature(await responder.signer.sign(writer.toBeSigned(answer)))
    return {
      responder: responder.id,
      thisUpdate: new Date(answer.thisUpdate * 1000),
      nextUpdate: new Date(answer.nextUpdate * 1000),
      signature,
      due: new Date((at + dueAfter(answer.nextUpdate - at, random)) * 1000),
    }
  }
}

const hash = (algorithm: 'sha1' | 'sha256', octets: Uint8Array) =>
  algorithm === 'sha1' ? sha1(octets) : sha256(octets)

/** From three eighths to half of its life: what was signed together need not be signed together again. */
const dueAfter = (life: number, random: PresignWorld['random']): number =>
  Math.floor((life * (3 + (random(1)[0] ?? 0) / 256)) / 8)
