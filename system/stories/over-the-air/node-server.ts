/** An administration server of the test: one script for each URI, the same again to whoever asks again. */
import { once } from 'node:events'
import { createServer, type TLSSocket } from 'node:tls'
import {
  type AdminRequest,
  type AdminResponse,
  httpReader,
  readHttp,
  readRequest,
  writeResponse,
} from '@mobile-jpki/ota'

export interface ScriptedServer {
  readonly port: number
  readonly requests: AdminRequest[]
  /** Handshakes that came to an end. */
  readonly sessions: () => number
  /** Has said 204. */
  readonly ended: Promise<void>
  /** Every connection breaks. */
  drop(): void
  stop(): Promise<void>
}

export interface Scripted {
  readonly psk: Uint8Array
  readonly answers: Readonly<Record<string, AdminResponse>>
  /** Says whether the connection breaks instead of this answer. */
  readonly breaks?: (request: AdminRequest, count: number) => boolean
}

export async function scriptedServer({ psk, answers, breaks = () => false }: Scripted): Promise<ScriptedServer> {
  const requests: AdminRequest[] = []
  const sockets = new Set<TLSSocket>()
  const ended = Promise.withResolvers<void>()
  let sessions = 0
  const server = createServer({
    ciphers: 'PSK-AES128-CBC-SHA256:@SECLEVEL=0',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    pskCallback: () => psk,
  })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => {
    sessions += 1
    sockets.add(socket)
    let reader = httpReader({ head: 0x1000, body: 0x10000 })
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (octets: Buffer) => {
      const read = readHttp(reader, octets)
      reader = read.reader
      for (const message of read.messages) {
        const request = readRequest(message)
        requests.push(request)
        if (breaks(request, requests.length)) return void socket.destroy()
        const answer = answers[request.uri] ?? {}
        socket.write(writeResponse(answer, { chunk: 100 }))
        if (answer.commands === undefined && answer.nextUri === undefined) ended.resolve()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    requests,
    sessions: () => sessions,
    ended: ended.promise,
    drop: () => {
      for (const socket of sockets) socket.destroy()
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
