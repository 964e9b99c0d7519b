/** The reader of HTTP/1.1 that a card has: any tearing, limits, and two strangers. RFC 9112. */
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  AdminProtocolError,
  type Framing,
  type HttpMessage,
  httpReader,
  readHttp,
  readResponse,
  writeMessage,
  writeRequest,
  writeResponse,
} from '../index.ts'

const limits = { head: 512, body: 4096 }
const octets = (text: string) => new TextEncoder().encode(text)

/** Everything that comes out of a stream in pieces of these sizes. */
function read(stream: Uint8Array, sizes: readonly number[]): readonly HttpMessage[] {
  let reader = httpReader(limits)
  const messages: HttpMessage[] = []
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const end = at + (sizes[turn % sizes.length] ?? 1)
    const step = readHttp(reader, stream.subarray(at, end))
    messages.push(...step.messages)
    reader = step.reader
    at = end
  }
  assert.deepEqual([reader.rest.length, reader.reading.state], [0, 'head'])
  return messages
}

describe('a stream of messages', () => {
  const framing = fc.oneof(
    fc.constant<Framing>('contentLength'),
    fc.integer({ min: 1, max: 400 }).map((chunk): Framing => ({ chunk })),
  )
  const message = fc.tuple(fc.uint8Array({ maxLength: 600 }), framing)

  it('is read whole, however it is torn and whatever the framing', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        (all, sizes) => {
          const stream = concat(...all.map(([body, how]) => writeMessage('HTTP/1.1 200 OK', [['X-A', 'b']], body, how)))
          const found = read(stream, sizes)
          assert.deepEqual(
            found.map(({ body }) => body),
            all.map(([body]) => body),
          )
          assert.ok(found.every(({ headers }) => headers.get('x-a') === 'b'))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('passes over extensions of chunks, trailers and headers that it does not know', () => {
    const stream = octets(
      'HTTP/1.1 200 OK\r\nX:\t1 \r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nY: 2\r\n\r\n',
    )
    const [one] = read(stream, [1])
    assert.equal(new TextDecoder().decode(one?.body), 'abc')
    assert.equal(one?.headers.get('x'), '1')
  })

  it('that is no HTTP, or could be read in two ways, is refused', () => {
    const bad: readonly (readonly [string, AdminProtocolError['failure']])[] = [
      ['HTTP/1.1 200 OK\r\nno header\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nA : 1\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\n folded\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'not-supported'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\n', 'malformed'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n', 'too-long'],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n', 'too-long'],
      [`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(512)}`, 'too-long'],
      [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(600)}`, 'too-long'],
    ]
    for (const [text, failure] of bad)
      assert.throws(
        () => readHttp(httpReader(limits), octets(text)),
        (error) => error instanceof AdminProtocolError && error.failure === failure,
        text,
      )
  })

  it('is never kept beyond the limits, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 10 }), (pieces) => {
        let reader = httpReader(limits)
        try {
          for (const piece of pieces) {
            reader = readHttp(reader, concat(octets('\r\n'), piece)).reader
            assert.ok(reader.rest.length <= limits.head + 202)
          }
        } catch (error) {
          assert.ok(error instanceof AdminProtocolError, `${error}`)
        }
      }),
    )
  })
})

describe('strangers: the HTTP of Node', () => {
  const commands = new Uint8Array(3000).map((_, at) => at)
  const peer = { uri: '/admin', host: 'ota.example', from: 'sim', resume: false } as const

  it('as a server reads our requests under either framing, and we read its answers', async () => {
    const seen: [string, string | undefined, Buffer][] = []
    const server = createServer(async (asked, answer) => {
      seen.push([
        `${asked.method} ${asked.url}`,
        asked.headers['x-admin-script-status'] as string,
        Buffer.concat(await Array.fromAsync(asked)),
      ])
      answer.setHeader('X-Admin-Protocol', 'globalplatform-remote-admin/1.0')
      answer.setHeader('Content-Type', 'application/vnd.globalplatform.card-content-mgt;version=1.0')
      answer.setHeader('X-Admin-Next-URI', `/next/${seen.length}`)
      // Without a length Node cuts the body into chunks.
      if (seen.length === 2) answer.setHeader('Content-Length', commands.length)
      answer.write(commands.subarray(0, 1000))
      answer.end(commands.subarray(1000))
    }).listen(0, '127.0.0.1')
    await new Promise((listening) => server.once('listening', listening))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const found: HttpMessage[] = []
    let reader = httpReader({ head: 2048, body: 4096 })
    socket.write(writeRequest({ ...peer, status: 'ok', responses: commands }, { chunk: 700 }))
    for await (const piece of socket) {
      const step = readHttp(reader, Uint8Array.from(piece))
      reader = step.reader
      found.push(...step.messages)
      if (found.length === 2) socket.end()
      else if (step.messages.length > 0)
        socket.write(writeRequest({ ...peer, status: 'ok', responses: commands }, 'contentLength'))
    }
    server.close()
    assert.deepEqual(
      seen,
      [1, 2].map(() => ['POST /admin', 'ok', Buffer.from(commands)]),
    )
    assert.deepEqual(
      found.map(readResponse),
      [1, 2].map((at) => ({ commands, nextUri: `/next/${at}` })),
    )
    assert.deepEqual(
      found.map(({ headers }) => headers.get('transfer-encoding')),
      ['chunked', undefined],
    )
  })

  it('as a client reads our responses under either framing', async () => {
    for (const framing of ['contentLength', { chunk: 512 }] as const) {
      const { createServer: listenTo } = await import('node:net')
      const server = listenTo((socket) => {
        socket.once('data', () => socket.end(writeResponse({ commands, nextUri: '/2' }, framing)))
        socket.on('error', () => undefined)
      }).listen(0, '127.0.0.1')
      await new Promise((listening) => server.once('listening', listening))
      const { port } = server.address() as AddressInfo
      const answer = await new Promise<{ uri: unknown; body: Buffer }>((resolve, reject) => {
        request({ port, host: '127.0.0.1', method: 'POST', path: '/' }, (incoming) => {
          Array.fromAsync(incoming).then(
            (pieces) => resolve({ uri: incoming.headers['x-admin-next-uri'], body: Buffer.concat(pieces) }),
            reject,
          )
        })
          .on('error', reject)
          .end()
      })
      server.close()
      assert.deepEqual(answer, { uri: '/2', body: Buffer.from(commands) })
    }
  })
})
