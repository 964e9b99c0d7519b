/** HTTP/1.1 messages as octets, and a reader that takes them in as they come. RFC 9112 §2–7; GlobalPlatform Amendment B v1.2 §3.4. */
import { concat } from '@mobile-jpki/tlv'
import { AdminProtocolError } from './media.ts'

export interface HttpMessage {
  /** `POST /admin HTTP/1.1`, `HTTP/1.1 200 OK`. */
  readonly startLine: string
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

export interface HttpLimits {
  /** Octets of start line and headers. */
  readonly head: number
  readonly body: number
}

export type Framing = 'none' | 'contentLength' | { readonly chunk: number }

const encoder = new TextEncoder()
const line = /^[\x20-\x7e]*$/

/** Start line and headers as given, then the body under the framing that is asked for. */
export function writeMessage(
  startLine: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array = new Uint8Array(),
  framing: Framing = body.length === 0 ? 'none' : 'contentLength',
): Uint8Array {
  const framed: readonly (readonly [string, string])[] =
    framing === 'none'
      ? []
      : framing === 'contentLength'
        ? [['Content-Length', `${body.length}`]]
        : [['Transfer-Encoding', 'chunked']]
  const lines = [startLine, ...[...headers, ...framed].map(([name, value]) => `${name}: ${value}`)]
  const bad = lines.find((one) => !line.test(one))
  if (bad !== undefined) throw new AdminProtocolError('malformed', 'a header holds what no header may')
  const head = encoder.encode(`${lines.join('\r\n')}\r\n\r\n`)
  return concat(head, typeof framing === 'object' ? chunked(body, framing.chunk) : body)
}

function chunked(body: Uint8Array, size: number): Uint8Array {
  const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, at) => {
    const chunk = body.subarray(at * size, (at + 1) * size)
    return concat(encoder.encode(`${chunk.length.toString(16).toUpperCase()}\r\n`), chunk, encoder.encode('\r\n'))
  })
  return concat(...chunks, encoder.encode('0\r\n\r\n'))
}

/**
 * What has been read so far of the next message. A value, so that a card can keep it from one RECEIVE DATA to the next:
 *
 *   head ──empty line──▶ sized(left) ──▶ done          head ──chunked──▶ size ⇄ chunk ──0──▶ trailer ──▶ done
 */
export type Reading =
  | { readonly state: 'head' }
  | { readonly state: 'sized'; readonly head: Head; readonly left: number; readonly body: Uint8Array }
  | { readonly state: 'size' | 'trailer'; readonly head: Head; readonly body: Uint8Array }
  | { readonly state: 'chunk'; readonly head: Head; readonly left: number; readonly body: Uint8Array }

type Head = Omit<HttpMessage, 'body'>

export interface HttpReader {
  readonly limits: HttpLimits
  readonly reading: Reading
  readonly rest: Uint8Array
}
export const httpReader = (limits: HttpLimits): HttpReader => ({
  limits,
  reading: { state: 'head' },
  rest: new Uint8Array(),
})

export interface Read {
  readonly reader: HttpReader
  readonly messages: readonly HttpMessage[]
}

/** Takes in what came. Throws AdminProtocolError where the stream is no HTTP, or more than the limits allow. */
export function readHttp(reader: HttpReader, octets: Uint8Array): Read {
  const messages: HttpMessage[] = []
  let { reading } = reader
  let rest = concat(reader.rest, octets)
  for (;;) {
    const step = advance(reading, rest, reader.limits)
    if (step === undefined) return { reader: { ...reader, reading, rest }, messages }
    rest = rest.slice(step.used)
    if ('message' in step) messages.push(step.message)
    reading = 'message' in step ? { state: 'head' } : step.reading
  }
}

type Step =
  | { readonly used: number; readonly reading: Reading }
  | { readonly used: number; readonly message: HttpMessage }

/** One step; undefined where more must come first. */
function advance(reading: Reading, rest: Uint8Array, limits: HttpLimits): Step | undefined {
  if (reading.state === 'head') return takeHead(rest, limits)
  const { head, body } = reading
  if (reading.state === 'sized' || reading.state === 'chunk') {
    if (reading.left > 0 && rest.length === 0) return undefined
    const taken = Math.min(reading.left, rest.length)
    const grown = concat(body, rest.subarray(0, taken))
    const left = reading.left - taken
    if (left > 0) return { used: taken, reading: { ...reading, left, body: grown } }
    if (reading.state === 'sized') return { used: taken, message: { ...head, body: grown } }
    if (rest.length < taken + 2)
      return taken === 0 ? undefined : { used: taken, reading: { ...reading, left, body: grown } }
    if (rest[taken] !== 0x0d || rest[taken + 1] !== 0x0a)
      throw new AdminProtocolError('malformed', 'a chunk does not end')
    return { used: taken + 2, reading: { state: 'size', head, body: grown } }
  }
  const found = takeLine(rest, limits.head)
  if (found === undefined) return undefined
  if (reading.state === 'trailer')
    return found.text === ''
      ? { used: found.end, message: { ...head, body } }
      : { used: found.end, reading: { state: 'trailer', head, body } }
  const [, digits = ''] = /^([0-9A-Fa-f]{1,6})[ \t]*(?:;.*)?$/.exec(found.text) ?? []
  if (digits === '') throw new AdminProtocolError('malformed', 'a chunk has no size')
  const left = Number.parseInt(digits, 16)
  if (body.length + left > limits.body) throw new AdminProtocolError('too-long', 'the body is too long')
  return {
    used: found.end,
    reading: left === 0 ? { state: 'trailer', head, body } : { state: 'chunk', head, left, body },
  }
}

function takeHead(rest: Uint8Array, limits: HttpLimits): Step | undefined {
  const end = endOfHead(rest)
  if ((end ?? rest.length) > limits.head) throw new AdminProtocolError('too-long', 'the headers are too long')
  if (end === undefined) return undefined
  const [startLine = '', ...lines] = latin(rest.subarray(0, end - 4)).split('\r\n')
  const headers = new Map<string, string>()
  for (const one of lines) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(one) ?? []
    if (name === '' || !line.test(value)) throw new AdminProtocolError('malformed', 'a line of the head is no header')
    const key = name.toLowerCase()
    if (headers.has(key) && framingHeaders.has(key)) throw new AdminProtocolError('malformed', `${key} stands twice`)
    headers.set(key, value)
  }
  if (!line.test(startLine)) throw new AdminProtocolError('malformed', 'the start line is no line')
  return { used: end, ...bodyOf({ startLine, headers }, limits) }
}

const framingHeaders = new Set(['content-length', 'transfer-encoding'])

/** RFC 9112 §6.3. A message with both headers could be read in two ways, and is refused. */
function bodyOf(head: Head, limits: HttpLimits): { reading: Reading } | { message: HttpMessage } {
  const coding = head.headers.get('transfer-encoding')
  const length = head.headers.get('content-length')
  const body = new Uint8Array()
  if (coding !== undefined) {
    if (length !== undefined) throw new AdminProtocolError('malformed', 'two lengths of one body')
    if (coding.toLowerCase() !== 'chunked')
      throw new AdminProtocolError('not-supported', 'this coding is not supported')
    return { reading: { state: 'size', head, body } }
  }
  if (length === undefined) return { message: { ...head, body } }
  if (!/^\d{1,8}$/.test(length)) throw new AdminProtocolError('malformed', 'Content-Length is no length')
  const left = Number(length)
  if (left > limits.body) throw new AdminProtocolError('too-long', 'the body is too long')
  return left === 0 ? { message: { ...head, body } } : { reading: { state: 'sized', head, left, body } }
}

const latin = (octets: Uint8Array): string => Array.from(octets, (octet) => String.fromCharCode(octet)).join('')

function endOfHead(octets: Uint8Array): number | undefined {
  for (let at = octets.indexOf(0x0d); at >= 0 && at + 4 <= octets.length; at = octets.indexOf(0x0d, at + 1))
    if (octets[at + 1] === 0x0a && octets[at + 2] === 0x0d && octets[at + 3] === 0x0a) return at + 4
  return undefined
}

function takeLine(octets: Uint8Array, longest: number): { readonly text: string; readonly end: number } | undefined {
  const end = octets.indexOf(0x0a)
  if ((end < 0 ? octets.length : end) > longest) throw new AdminProtocolError('too-long', 'a line is too long')
  if (end < 0) return undefined
  if (octets[end - 1] !== 0x0d) throw new AdminProtocolError('malformed', 'a line does not end with CR LF')
  return { text: latin(octets.subarray(0, end - 1)), end: end + 1 }
}
