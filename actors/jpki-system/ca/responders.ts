/**
 * Delegated OCSP responders (RFC 6960 §4.2.2.2): whoever serves validity makes a P-256 key that never leaves its memory, asks with a
 * request signed by that key (RFC 2986), and gets a short-lived certificate. The CA's own key answers nobody.
 */
import { DerError } from '@mobile-jpki/der'
import { readPublicKey } from '@mobile-jpki/pkix'
import { CertificationRequestError, verifyCertificationRequest } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { certificateNamed } from '../domain/acts.ts'
import type { AuthorityName, Caller, World } from '../domain/world.ts'
import { issueToResponder } from './issue.ts'

export interface ResponderRequest {
  readonly authority: AuthorityName
  readonly generation: number
  /** PKCS #10. */
  readonly request: Uint8Array
}

export interface CertifiedResponder {
  /** Its number in the register. */
  readonly responder: number
  readonly certificate: Uint8Array
}

export async function certifyResponder(
  world: Pick<World, 'random' | 'now' | 'authorities' | 'register'>,
  { authority: name, generation, request }: ResponderRequest,
  by: Caller,
): Promise<CertifiedResponder> {
  const find = () => world.authorities.all.find((one) => one.name === name && one.generation === generation)
  // Of a new key a node may know sooner than this process.
  if (find() === undefined) await world.authorities.refresh()
  const authority = find()
  if (authority === undefined) throw new Refusal('reference.not-found', `There is no CA ${name}-${generation}.`)
  if (authority.opened.notAfter <= world.now())
    throw new Refusal('certificate.expired', `The certificate of the CA ${name}-${generation} has expired.`)
  const record = await issueToResponder(world, authority, await publicKeyOf(request))
  const responder = await world.register.atomically(async (held) => {
    await held.certificates.add(record)
    const { notAfter, der: certificate } = record
    const id = await held.responders.add({ authority: name, generation, certificate, notAfter })
    held.journal.record({
      by,
      act: 'responder.certified',
      subject: certificateNamed(record),
      detail: { responder: id },
    })
    return id
  })
  return { responder, certificate: record.der }
}

/** The key of a request that is signed by it: P-256, since nothing else is fast enough to answer everybody. */
async function publicKeyOf(request: Uint8Array): Promise<Uint8Array> {
  try {
    const { publicKey } = await verifyCertificationRequest(request)
    if (readPublicKey(publicKey).kind === 'p256') return publicKey
  } catch (error) {
    if (error instanceof CertificationRequestError) throw new Refusal('possession.invalid', undefined, { cause: error })
    if (!(error instanceof DerError)) throw error
    throw new Refusal('request.malformed', 'request: not a certification request', { cause: error })
  }
  throw new Refusal('request.malformed', 'request: the key of a responder is one of P-256')
}
