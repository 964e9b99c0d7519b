/** Whose certificate that is, asked of the JPKI system by mutual TLS. docs/protocols/certificates.md#linkage. */
import { Agent, request } from 'node:https'
import { checkServerIdentity } from 'node:tls'
import { findFirstCertificate } from '@mobile-jpki/jpki-system/contract'
import type { ActorName } from '@mobile-jpki/refusal'
import { call, type Fetch } from '@mobile-jpki/service/call'
import type { Linkage } from '../domain/account.ts'

export interface LinkageOptions {
  /** Of the JPKI system, e.g. `https://jpki.example`. */
  readonly url: string
  /** PEM: the service's own key and certificate for this, and the CA of the JPKI system's. */
  readonly key: string
  readonly certificate: string
  readonly serviceCa: string
  /** Five seconds if not said. */
  readonly timeoutMilliseconds?: number
  readonly as?: ActorName
}

export function linkageAt({ url, timeoutMilliseconds = 5_000, as = 'relying-party', ...tls }: LinkageOptions): Linkage {
  const fetch = fetchBy(
    new Agent({
      key: tls.key,
      cert: tls.certificate,
      ca: tls.serviceCa,
      minVersion: 'TLSv1.3',
      checkServerIdentity: (host, certificate) =>
        checkServerIdentity(host, certificate) ??
        (certificate.subject.CN === 'jpki-system' ? undefined : new Error('the certificate names another actor')),
    }),
  )
  const peer = { url, actor: 'jpki-system', as, fetch, timeoutMilliseconds } as const
  return {
    firstOf: async (authCertificate) => (await call(peer, findFirstCertificate, { authCertificate })).serialNumber,
  }
}

/** The longest answer has some hundred octets. */
const longest = 65_536

const fetchBy =
  (agent: Agent): Fetch =>
  (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const asked = request(url, { agent, method, headers, signal }, (reply) => {
        const chunks: Buffer[] = []
        let length = 0
        reply.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > longest) asked.destroy(new Error('the answer is too long'))
          chunks.push(chunk)
        })
        reply.on('error', reject)
        reply.on('end', () => {
          const octets = new Uint8Array(Buffer.concat(chunks))
          resolve({ status: reply.statusCode ?? 0, arrayBuffer: async () => octets.buffer })
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })
