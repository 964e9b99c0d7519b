/** Certificate status on line, from the register as it is now. RFC 6960, RFC 5019; the nonce by RFC 9654. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { DerError } from '@mobile-jpki/der'
import {
  authorityKeyIdentifier,
  extension,
  extKeyUsage,
  keyPurposes,
  keyUsage,
  nameOf,
  ocspErrorOf,
  ocspNoCheck,
  type ParsedOcspRequest,
  parseOcspRequest,
  subjectKeyIdentifier,
} from '@mobile-jpki/pkix'
import {
  type CertificateStatus as Answer,
  concerns,
  issueCertificate,
  keyIdentifier,
  keySigner,
  type Signer,
  signOcspResponse,
} from '@mobile-jpki/pkix/crypto'
import { type Authority, generationName, serialNumberFrom } from '../ca/authorities.ts'
import { stateAt } from './life-cycle.ts'
import { toSeconds } from './revocation.ts'
import type { CertificateStatus, World } from './world.ts'

/** Signs answers for one generation of a CA. Its key lives in memory only, and not for long. */
interface Responder {
  readonly signer: Signer
  readonly certificate: Uint8Array
  readonly notBefore: Date
  readonly renewAt: Date
}

const hour = 3_600_000
/** RFC 6960 §4.2.2.2.1 advises a short life, since nobody checks the revocation of a responder. */
const responderLife = { renewAfter: 24 * hour, validity: 72 * hour, clockSkew: hour } as const
/** JPKI refreshes its answers every quarter of an hour; ours are fresh at once, and stale after that. */
export const answerLifeMilliseconds = 15 * 60_000
const mostAsked = 32

const generate = promisify(generateKeyPair)

/** A delegated responder for each CA key (RFC 6960 §4.2.2.2); P-256, since it signs ten times faster than the CA's RSA. */
async function makeResponder({ register, random, now }: World, authority: Authority): Promise<Responder> {
  const at = toSeconds(now())
  const signer = keySigner((await generate('ec', { namedCurve: 'P-256' })).privateKey)
  const serialNumber = serialNumberFrom(random)
  const ownIdentifier = keyIdentifier(signer.publicKey)
  const notBefore = new Date(at.getTime() - responderLife.clockSkew)
  const notAfter = new Date(Math.min(at.getTime() + responderLife.validity, authority.opened.notAfter.getTime()))
  const der = await issueCertificate(
    {
      serialNumber,
      issuer: authority.opened.subject,
      subject: nameOf(['C', 'JP'], ['O', 'Mobile JPKI Test'], ['CN', `OCSP responder ${generationName(authority)}`]),
      notBefore,
      notAfter,
      publicKey: signer.publicKey,
      extensions: [
        extension(keyUsage, ['digitalSignature'], 'critical'),
        extension(extKeyUsage, [keyPurposes.ocspSigning], 'critical'),
        extension(ocspNoCheck, null),
        extension(authorityKeyIdentifier, { keyIdentifier: authority.keyIdentifier }),
        extension(subjectKeyIdentifier, ownIdentifier),
      ],
    },
    authority.signer,
  )
  await register.certificates.add({
    authority: authority.name,
    generation: authority.generation,
    serialNumber,
    kind: 'responder',
    state: 'valid',
    keyIdentifier: ownIdentifier.toHex(),
    notBefore,
    notAfter,
    der,
  })
  return { signer, certificate: der, notBefore, renewAt: new Date(at.getTime() + responderLife.renewAfter) }
}

export interface OcspReply {
  readonly der: Uint8Array
  /** What was asked and answered, for the trace. */
  readonly explained: unknown
  readonly authority?: Authority
  /** How long any cache may keep it: only where every answer is final, so that a revocation reaches the next answer at once. */
  readonly kept?: { readonly from: Date; readonly until: Date }
}

export function ocspResponder(world: World) {
  const responders = new Map<string, Promise<Responder>>()

  const responderOf = async (authority: Authority): Promise<Responder> => {
    const name = generationName(authority)
    const present = responders.get(name)
    const known = await present
    const at = world.now()
    // A clock that was set back makes a responder of the future useless.
    if (known !== undefined && at >= known.notBefore && at < known.renewAt) return known
    const begun = responders.get(name)
    if (begun !== undefined && begun !== present) return begun
    const making = makeResponder(world, authority)
    responders.set(name, making)
    making.catch(() => responders.delete(name))
    return making
  }

  return async (octets: Uint8Array): Promise<OcspReply> => {
    const request = read(octets)
    const [first] = request?.asked ?? []
    if (request === undefined || first === undefined)
      return { der: ocspErrorOf('malformedRequest'), explained: { responseStatus: 'malformedRequest' } }
    const authority = world.authorities.all.find(({ opened }) => concerns(first.certId, opened))
    // RFC 5019 §2.2.3: we cannot speak for that issuer.
    if (authority === undefined)
      return { der: ocspErrorOf('unauthorized'), explained: { responseStatus: 'unauthorized' } }
    const at = toSeconds(world.now())
    const statuses = await statusesOf(world, authority, request, at)
    const nextUpdate = new Date(at.getTime() + answerLifeMilliseconds)
    const { signer, certificate } = await responderOf(authority)
    const answer = { request, statuses, producedAt: at, thisUpdate: at, nextUpdate }
    return {
      der: await signOcspResponse({ ...answer, responderCertificate: certificate }, signer),
      explained: {
        authority: generationName(authority),
        nonce: request.nonce?.toHex(),
        answers: request.asked.map(({ serialNumber }, index) => ({ serialNumber, ...statuses[index] })),
      },
      authority,
      ...(request.nonce === undefined && statuses.every(isFinalAnswer) && { kept: { from: at, until: nextUpdate } }),
    }
  }
}

const isFinalAnswer = (answer: Answer): boolean => answer.status === 'revoked' && answer.reason !== 'certificateHold'

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
  { register }: World,
  authority: Authority,
  { asked }: ParsedOcspRequest,
  at: Date,
): Promise<readonly Answer[]> {
  const ours = asked.map(({ certId, serialNumber }) => (concerns(certId, authority.opened) ? serialNumber : undefined))
  const wanted = ours.filter((serialNumber) => serialNumber !== undefined)
  const known = await register.statuses.of(authority.name, authority.generation, wanted)
  return ours.map((serialNumber) => answerFor(serialNumber === undefined ? undefined : known.get(serialNumber), at))
}

/** Good is said of a valid certificate alone: not of one that nobody issued, nor of one that waits for its card. */
function answerFor(certificate: CertificateStatus | undefined, at: Date): Answer {
  if (certificate?.revocation !== undefined)
    return { status: 'revoked', revokedAt: certificate.revocation.at, reason: certificate.revocation.reason }
  return { status: certificate !== undefined && stateAt(certificate, at) === 'valid' ? 'good' : 'unknown' }
}
