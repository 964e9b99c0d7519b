/** One connection of a SIM: HTTP requests out of the stream, each answered in its turn. GlobalPlatform Amendment B v1.2 §3.4. */
import type { TLSSocket } from 'node:tls'
import {
  AdminProtocolError,
  type AdminResponse,
  type HttpMessage,
  httpReader,
  readHttp,
  readRequest,
  writeFailure,
  writeResponse,
} from '@mobile-jpki/ota'
import type { Trace } from '@mobile-jpki/trace'
import type { Expected } from './administration.ts'

const limits = { head: 0x1000, body: 0x20000 } as const
const chunk = 1024

export interface CallsWorld {
  readonly trace: Trace
  readonly onFault: (error: unknown) => void
}

export function serveSim(socket: TLSSocket, one: Expected, { trace, onFault }: CallsWorld): void {
  one.sockets.add(socket)
  let reader = httpReader(limits)
  let begins = true
  let turn = Promise.resolve()

  const answer = async (message: HttpMessage) => {
    const at = new Date()
    const first = begins
    begins = false
    const response = await one.scripts.answer(readRequest(message), first)
    if (socket.destroyed) return
    const written = response === undefined ? writeFailure(404, 'Not Found') : writeResponse(response, { chunk })
    socket.write(written)
    if (response === undefined || isLast(response)) socket.end()
    trace.record({
      at,
      step: one.step,
      from: 'sim',
      to: 'mno-tsm',
      what: 'POST (SCP81)',
      octets: message.body.length + written.length,
      raw: message.body,
      decoded: { request: message.startLine, reply: described(response) },
      milliseconds: Date.now() - at.getTime(),
      ok: response !== undefined,
    })
  }
  const fail = (error: unknown) => {
    if (error instanceof AdminProtocolError) {
      socket.end(writeFailure(error.failure === 'too-long' ? 413 : 400, 'Not the administration protocol'))
      return
    }
    socket.destroy()
    onFault(error)
  }

  socket.on('data', (octets: Uint8Array) => {
    try {
      const read = readHttp(reader, octets)
      reader = read.reader
      for (const message of read.messages) turn = turn.then(() => answer(message)).catch(fail)
    } catch (error) {
      fail(error)
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => one.sockets.delete(socket))
}

/** 204: the session is over. */
const isLast = ({ commands, nextUri }: AdminResponse): boolean => commands === undefined && nextUri === undefined

const described = (response: AdminResponse | undefined): string => {
  if (response === undefined) return '404'
  if (isLast(response)) return '204'
  return response.commands === undefined ? '200, nothing yet' : `200, ${response.commands.length} octets of script`
}
