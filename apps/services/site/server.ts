/** A fetch handler on a socket of node:http: the same handler runs wherever a platform speaks WHATWG Fetch. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'

export type Handler = (request: Request) => Promise<Response>

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

const largestBody = 64 * 1024

/** Plain HTTP on this machine; in the open a TLS terminator stands before it. */
export async function listen(port: number, origin: string, handler: Handler): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, origin, handler).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Refusal('port.in-use', `Port ${port} is taken.`) : error),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: string,
  handler: Handler,
): Promise<void> {
  const body = await bodyOf(incoming)
  const response =
    body === undefined ? new Response('too large\n', { status: 413 }) : await handler(requestOf(incoming, origin, body))
  // RFC 6265 §4.1.2.5: where browsers come by TLS, cookies travel by TLS alone.
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const cookies = response.headers.getSetCookie().map((one) => one + secure)
  const headers = Object.fromEntries(response.headers)
  outgoing.writeHead(response.status, cookies.length === 0 ? headers : { ...headers, 'set-cookie': cookies })
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}

function requestOf({ method = 'GET', url = '/', headers }: IncomingMessage, origin: string, body: Buffer): Request {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  )
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(URL.parse(url, origin) ?? origin, {
    method,
    headers: given,
    ...(hasBody && { body: new Uint8Array(body) }),
  })
}

/** undefined when it is larger than any form of ours. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming) {
    length += chunk.length
    if (length > largestBody) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
