/** Does it lead to a CA that is trusted, for this use, at this moment? RFC 5280 §6.1. */
import { DerError } from '@mobile-jpki/der'
import {
  type KeyUsage,
  type ParsedCertificate,
  PathError,
  type PathRefusal,
  parseCertificate,
  validatePath,
} from '@mobile-jpki/pkix'
import { verifySignature } from '@mobile-jpki/pkix/crypto'
import type { BadCertificate } from './verdict.ts'

export interface PathWorld {
  /** CA certificates of every generation. */
  readonly anchors: readonly ParsedCertificate[]
  readonly now: () => Date
}

export interface PathRequest {
  /** DER as it was handed in. */
  readonly certificate: Uint8Array
  readonly policies: readonly string[]
  readonly keyUsage: readonly KeyUsage[]
}

export interface Trusted {
  readonly state: 'trusted'
  readonly certificate: ParsedCertificate
  readonly issuer: ParsedCertificate
}

export async function judgePath(
  { anchors, now }: PathWorld,
  { certificate: der, policies, keyUsage }: PathRequest,
): Promise<Trusted | BadCertificate> {
  try {
    const certificate = parseCertificate(der)
    const path = await validatePath(certificate, { anchors, at: now(), verifySignature, policies, keyUsage })
    return { state: 'trusted', certificate, issuer: path[1] ?? certificate }
  } catch (error) {
    if (error instanceof DerError) return { state: 'malformed', why: error.message }
    if (error instanceof PathError) return verdictOf(error, der)
    throw error
  }
}

const states = {
  'not-yet-valid': 'notYetValid',
  expired: 'expired',
  'no-issuer': 'untrusted',
  'bad-signature': 'untrusted',
  'not-a-ca': 'untrusted',
  'path-too-long': 'untrusted',
  'key-usage': 'wrongUse',
  'extended-key-usage': 'wrongUse',
  policy: 'wrongUse',
  'unknown-critical-extension': 'untrusted',
} as const satisfies Record<PathRefusal, BadCertificate['state']>

function verdictOf({ code, certificate, message: why }: PathError, der: Uint8Array): BadCertificate {
  // What is wrong with a CA's certificate is no fault of the holder's.
  if (certificate.der.toHex() !== new Uint8Array(der).toHex()) return { state: 'untrusted', why }
  const state = states[code]
  if (state === 'expired') return { state, at: certificate.notAfter }
  if (state === 'notYetValid') return { state, from: certificate.notBefore }
  return { state, why }
}
