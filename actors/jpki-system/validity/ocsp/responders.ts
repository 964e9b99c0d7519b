/**
 * The keys by which this process answers OCSP: one for each CA key, P-256, in memory only. A certificate lives three days and is followed
 * by one for a new key after a day, so that a CA may be away for two.
 */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { nameOf, type ParsedCertificate, parseCertificate } from '@mobile-jpki/pkix'
import { keySigner, requestCertificate, type Signer, sha1 } from '@mobile-jpki/pkix/crypto'
import type { CertifiedResponder, ResponderRequest } from '../../ca/responders.ts'
import type { AuthorityName } from '../../domain/world.ts'
import type { Issuer } from './issuers.ts'

export interface Responder {
  /** Its number in the register. */
  readonly id: number
  readonly signer: Signer
  readonly certificate: Uint8Array
  /** SHA-1 of its public key, as a ResponderID says it. */
  readonly keyHash: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface OcspResponders {
  /** The one that is there and may answer now; nobody is asked. */
  present(authority: AuthorityName, generation: number): Responder | undefined
  /** That one, or a new one where none is or a day has gone; undefined where the CA cannot be reached. */
  of(issuer: Issuer): Promise<Responder | undefined>
}

export interface ResponderSurroundings {
  readonly now: () => Date
  readonly certify: (request: ResponderRequest) => Promise<CertifiedResponder>
  /** Hears why the CA gave no certificate. */
  readonly onFault: (error: unknown) => void
}

const generate = promisify(generateKeyPair)
/** The part of its life after which a responder is followed by another. */
const useful = 1 / 3

export function ocspResponders({ now, certify, onFault }: ResponderSurroundings): OcspResponders {
  const responders = new Map<string, Responder>()
  const inFlight = new Map<string, Promise<Responder | undefined>>()

  const present = (authority: AuthorityName, generation: number): Responder | undefined => {
    const responder = responders.get(`${authority}-${generation}`)
    const at = now()
    // A clock that was set back makes a responder of the future useless.
    return responder !== undefined && at >= responder.notBefore && at <= responder.notAfter ? responder : undefined
  }

  const make = async ({ name, generation }: Issuer): Promise<Responder | undefined> => {
    try {
      const signer = keySigner((await generate('ec', { namedCurve: 'P-256' })).privateKey)
      const subject = nameOf(['CN', 'OCSP responder'])
      const request = await requestCertificate({ subject }, signer)
      const { responder: id, certificate } = await certify({ authority: name, generation, request })
      const responder = responderOf(id, signer, certificate, parseCertificate(certificate))
      responders.set(`${name}-${generation}`, responder)
      return responder
    } catch (error) {
      onFault(error)
      return undefined
    }
  }

  return {
    present,
    of: async (issuer) => {
      const known = present(issuer.name, issuer.generation)
      if (known !== undefined && !isWorn(known, now())) return known
      const name = `${issuer.name}-${issuer.generation}`
      const making = inFlight.get(name) ?? make(issuer).finally(() => inFlight.delete(name))
      inFlight.set(name, making)
      return (await making) ?? known
    },
  }
}

function responderOf(id: number, signer: Signer, certificate: Uint8Array, opened: ParsedCertificate): Responder {
  if (opened.publicKey.toHex() !== signer.publicKey.toHex())
    throw new Error('the CA certified another key than was asked')
  const { notBefore, notAfter } = opened
  return { id, signer, certificate, keyHash: sha1(opened.publicKeyBits), notBefore, notAfter }
}

const isWorn = ({ notBefore, notAfter }: Responder, at: Date): boolean =>
  at.getTime() - notBefore.getTime() > (notAfter.getTime() - notBefore.getTime()) * useful
