/** OCSP and revocation lists over HTTP: RFC 6960 Appendix A.1, RFC 5280 §4.2.1.13. Plain HTTP, because what is served is signed. */
import { Refusal } from '@mobile-jpki/refusal'

/** Tells the responder that the exchange is traced here already. */
const recorded = { 'jpki-recorded-by': 'verification' }

export const askOcspByHttp = async (url: string, request: Uint8Array, milliseconds = 10_000): Promise<Uint8Array> => {
  const reply = await again(url, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response', ...recorded },
    body: new Uint8Array(request),
    redirect: 'error',
    signal: AbortSignal.timeout(milliseconds),
  })
  if (!reply.ok) throw failed(`The OCSP responder answered with status ${reply.status}.`)
  // A response with its certificates has some thousand octets.
  return bounded(reply, 65_536)
}

export interface FetchedList {
  readonly octets: Uint8Array
  readonly etag?: string
}

/** Answers nothing when the list is still the one of that tag. */
export async function fetchListByHttp(
  url: string,
  etag?: string,
  milliseconds = 10_000,
): Promise<FetchedList | undefined> {
  const reply = await again(url, {
    headers: { accept: 'application/pkix-crl', ...(etag !== undefined && { 'if-none-match': etag }), ...recorded },
    redirect: 'error',
    signal: AbortSignal.timeout(milliseconds),
  })
  if (reply.status === 304) return undefined
  if (!reply.ok) throw failed(`The list was answered with status ${reply.status}.`)
  const tag = reply.headers.get('etag')
  // A million entries have some 40 million octets.
  return { octets: await bounded(reply, 1 << 27), ...(tag !== null && { etag: tag }) }
}

/** A connection that was kept may have been closed at the other end just now, and to ask twice harms nobody (RFC 9110 §9.2.2). */
const again = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    return fetch(url, init)
  })

const failed = (detail: string) => new Refusal('peer.failed', detail, { whose: 'jpki-system' })

async function bounded({ body }: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > most) throw failed('The answer is too long.')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
