/**
 * Certificate status on line. RFC 6960; the profile of RFC 5019; the nonce by RFC 9654.
 *
 * What nearly everybody asks, the status of one certificate by SHA-1 and without a nonce, is answered by an answer signed before. Every
 * other request is answered by a signature of its own, from the register as it is now.
 */
import { DerError } from '@mobile-jpki/der'
import { ocspErrorOf, type ParsedOcspRequest, parseOcspRequest } from '@mobile-jpki/pkix'
import { concerns, type OcspAnswer, sha1, signOcspResponse } from '@mobile-jpki/pkix/crypto'
import { stateAt } from '../../domain/life-cycle.ts'
import type { CertificateStatus, ValidityRegister } from '../../domain/world.ts'
import type { Issuer, Issuers } from './issuers.ts'
import type { OcspResponders } from './responders.ts'
import { storedAnswers } from './stored.ts'

export interface OcspReply {
  readonly der: Uint8Array
  /** Absent for an error, and where it holds for one request only. */
  readonly validity?: {
    readonly thisUpdate: number
    readonly nextUpdate: number
    /** No later answer will say anything else. */
    readonly isFinal: boolean
    readonly signature: Uint8Array
  }
}

export interface AnswersWorld {
  readonly now: () => Date
  readonly register: Pick<ValidityRegister, 'statuses' | 'stored' | 'responders'>
  readonly issuers: Issuers
  readonly responders: OcspResponders
  /** How long an answer may be believed. */
  readonly lifeMilliseconds: number
  readonly onFault: (error: unknown) => void
}

/** Questions in one request. */
const mostAsked = 32

export function ocspAnswers(world: AnswersWorld): (request: Uint8Array) => OcspReply | Promise<OcspReply> {
  const stored = storedAnswers(world)
  const signed = (request: Uint8Array) =>
    answerSigned(world, request).catch((error: unknown) => {
      world.onFault(error)
      return errorReply('tryLater')
    })

  return (request) => {
    try {
      const found = stored(request)
      if (found === undefined) return signed(request)
      return found instanceof Promise
        ? found.then(
            (reply) => reply ?? signed(request),
            () => signed(request),
          )
        : found
    } catch (error) {
      world.onFault(error)
      return signed(request)
    }
  }
}

const errorReply = (status: Parameters<typeof ocspErrorOf>[0]): OcspReply => ({ der: ocspErrorOf(status) })

async function answerSigned(world: AnswersWorld, octets: Uint8Array): Promise<OcspReply> {
  const request = read(octets)
  const [first] = request?.asked ?? []
  if (request === undefined || first === undefined) return errorReply('malformedRequest')
  const issuer = await world.issuers.find(({ opened }) => concerns(first.certId, opened))
  // RFC 5019 §2.2.3: we cannot speak for that issuer.
  if (issuer === undefined) return errorReply('unauthorized')
  const responder = await world.responders.of(issuer)
  if (responder === undefined) return errorReply('tryLater')
  const at = new Date(Math.floor(world.now().getTime() / 1000) * 1000)
  const statuses = await statusesOf(world, issuer, request, at)
  const nextUpdate = new Date(Math.min(at.getTime() + world.lifeMilliseconds, responder.notAfter.getTime()))
  const { certificate: responderCertificate, signer } = responder
  const times = { producedAt: at, thisUpdate: at, nextUpdate }
  const der = await signOcspResponse({ request, statuses, ...times, responderCertificate }, signer)
  if (request.nonce !== undefined) return { der }
  const validity = {
    thisUpdate: at.getTime() / 1000,
    nextUpdate: nextUpdate.getTime() / 1000,
    isFinal: statuses.every((one) => one.status === 'revoked' && one.reason !== 'certificateHold'),
    signature: sha1(der),
  }
  return { der, validity }
}

function read(octets: Uint8Array): ParsedOcspRequest | undefined {
  try {
    const request = parseOcspRequest(octets)
    return request.asked.length > mostAsked ? undefined : request
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

async function statusesOf(
  { register }: AnswersWorld,
  { name, generation, opened }: Issuer,
  { asked }: ParsedOcspRequest,
  at: Date,
): Promise<OcspAnswer['statuses']> {
  const ours = asked.map(({ certId, serialNumber }) => (concerns(certId, opened) ? serialNumber : undefined))
  const wanted = ours.filter((serialNumber) => serialNumber !== undefined)
  const known = await register.statuses.of(name, generation, wanted)
  return ours.map((serialNumber) => {
    const status = serialNumber === undefined ? undefined : known.get(serialNumber)
    if (status === undefined) return { status: 'unknown' }
    // RFC 6960 §4.4.4: what has expired stays known as it was at its end, for as long as the CA has been there.
    return { ...statusAt(status, at), ...(at > status.notAfter && { archiveCutoff: opened.notBefore }) }
  })
}

/** Good is said of what is or was valid alone: not of what nobody issued, nor of what waits for its applet. */
function statusAt({ state, notAfter, revocation }: CertificateStatus, at: Date): OcspAnswer['statuses'][number] {
  if (revocation !== undefined) return { status: 'revoked', revokedAt: revocation.at, reason: revocation.reason }
  const atItsEnd = at > notAfter ? notAfter : at
  return { status: stateAt({ state, notAfter }, atItsEnd) === 'valid' ? 'good' : 'unknown' }
}
