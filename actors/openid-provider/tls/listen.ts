/**
 * Where a browser logs in with a card in a reader: HTTPS that asks for a client certificate (RFC 5246 §7.4.4). TLS 1.2 and PKCS #1 signatures
 * alone, because the card makes no PSS, which TLS 1.3 wants (RFC 8446 §4.2.3). The key is proved in every handshake: sessions are not resumed.
 */
import { constants, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Refusal } from '@mobile-jpki/refusal'
import { prove } from '../domain/card-proof.ts'
import type { World } from '../domain/world.ts'

export interface CardListener {
  readonly port: number
  readonly issuer: string
  /** PEM. */
  readonly key: string
  readonly certificate: string
  /** Named in the request for a certificate, so that a browser offers the fitting ones only. DER. */
  readonly authorities: readonly Uint8Array[]
}

export async function listenForCards(world: World, { port, issuer, key, certificate, authorities }: CardListener) {
  const server = createServer({
    key,
    cert: certificate,
    ca: authorities.map((der) => new X509Certificate(der).toString()),
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    sigalgs: 'RSA+SHA256:ECDSA+SHA256',
    requestCert: true,
    // Whose it is, and whether it is good, is judged afterwards, so that the person hears why not.
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  })
  server.on('request', (request, response) => {
    answer(world, issuer, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' ? new Refusal('port.in-use', `Port ${port}, wanted for cards, is taken.`) : error,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(world: World, issuer: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, uid] = /^\/card\/([A-Za-z0-9_-]{1,64})$/.exec(request.url?.split('?')[0] ?? '') ?? []
  response.setHeader('cache-control', 'no-store')
  response.setHeader('referrer-policy', 'no-referrer')
  if (uid === undefined || request.method !== 'GET') {
    response.writeHead(404).end()
    return
  }
  const code = await prove(world, uid, shownIn(request.socket as TLSSocket))
  const location = `${issuer}/interaction/${uid}/card?${new URLSearchParams({ code })}`
  // The next login is another handshake, with whatever card lies there then.
  response.writeHead(303, { location, connection: 'close' }).end()
}

function shownIn(socket: TLSSocket): Uint8Array | undefined {
  if (socket.isSessionReused()) return undefined
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? undefined : new Uint8Array(raw)
}
