/** One message out of octets, for the tests of what messages say. RFC 9112. */
import assert from 'node:assert/strict'
import { type HttpMessage, httpReader, readHttp } from '../index.ts'

export function only(octets: Uint8Array): HttpMessage {
  const { messages, reader } = readHttp(httpReader({ head: 2048, body: 65536 }), octets)
  const [message, ...more] = messages
  assert.deepEqual([more.length, reader.rest.length, reader.reading.state], [0, 0, 'head'])
  return message ?? assert.fail('no message')
}
