/** OCSP for the eyes of who reads a trace. */
import { DerError } from '@mobile-jpki/der'
import { parseOcspRequest, parseOcspResponse } from '@mobile-jpki/pkix'

export function explained(request: Uint8Array, der: Uint8Array): { readonly ok: boolean; readonly decoded: unknown } {
  const response = parseOcspResponse(der)
  if (typeof response === 'string') return { ok: false, decoded: { responseStatus: response } }
  const answers = response.responses.map(({ certID, certStatus: { kind, value } }) => ({
    serialNumber: certID.value.serialNumber.toHex(),
    status: kind,
    ...(kind === 'revoked' && { revokedAt: value.revocationTime, reason: value.revocationReason ?? 'unspecified' }),
  }))
  return { ok: true, decoded: { nonce: nonceOf(request)?.toHex(), answers } }
}

function nonceOf(request: Uint8Array): Uint8Array | undefined {
  try {
    return parseOcspRequest(request).nonce
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
