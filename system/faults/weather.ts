/**
 * Bad weather between the actors of this process: one message, chosen by its number, is lost, answered to nobody, delayed until
 * others have passed, or comes twice. The sockets are real: what is lost is lost with its connection, as HTTP/1.1 loses it.
 */
import { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as SecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Writable } from 'node:stream'

export const messageFaults = ['request lost', 'reply lost', 'overtaken', 'doubled at once', 'doubled later'] as const
export type MessageFault = (typeof messageFaults)[number]

export interface Message {
  readonly port: number
  /** Method and path; its query and its references say which, not what. */
  readonly what: string
}

export type Forecast = { readonly number: number } & (
  | { readonly fault: MessageFault }
  | { readonly strike: () => void }
)

export interface Weather {
  /** Every message from now on is numbered from 0; the one with that number suffers the fault, or is the moment of something else. */
  forecast(plan?: Forecast): void
  /** What passed since the last forecast. */
  readonly passed: readonly Message[]
  clear(): void
}

type Emit = (this: Server | SecureServer, event: string | symbol, ...args: unknown[]) => boolean

export function badWeather(): Weather {
  let plan: Forecast | undefined
  let passed: Message[] = []
  /** Those that wait to be overtaken. */
  let waiting: (() => void)[] = []
  const originals = [Server, SecureServer].map(({ prototype }) => ({ prototype, emit: prototype.emit as Emit }))

  for (const { prototype, emit } of originals) {
    const stormy: Emit = function (event, ...args) {
      if (event !== 'request') return emit.call(this, event, ...args)
      const [request, response] = args as [IncomingMessage, ServerResponse]
      const number = passed.push({ port: (this.address() as AddressInfo).port, what: whatOf(request) }) - 1
      const overtaken = waiting
      waiting = []
      const serve = (one: IncomingMessage, reply: ServerResponse) => emit.call(this, 'request', one, reply)
      const due = plan?.number === number ? plan : undefined
      if (due !== undefined && 'strike' in due) due.strike()
      if (due !== undefined && 'fault' in due) suffer(due.fault, request, response, serve, (late) => waiting.push(late))
      else serve(request, response)
      for (const late of overtaken) late()
      return true
    }
    prototype.emit = stormy as typeof prototype.emit
  }
  return {
    forecast: (next) => {
      plan = next
      passed = []
      for (const late of waiting.splice(0)) late()
    },
    get passed() {
      return passed
    },
    clear: () => {
      for (const { prototype, emit } of originals) prototype.emit = emit as typeof prototype.emit
      for (const late of waiting.splice(0)) late()
    },
  }
}

/** Nobody else may come for a while: then it goes on by itself. */
const longestWait = 1500

function suffer(
  fault: MessageFault,
  request: IncomingMessage,
  response: ServerResponse,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
  whenOvertaken: (go: () => void) => void,
): void {
  const lose = (): void => void request.socket.destroy()
  switch (fault) {
    case 'request lost':
      lose()
      return
    case 'reply lost':
      serve(request, unheard(request, lose))
      return
    case 'overtaken': {
      let gone = false
      const go = () => {
        if (gone) return
        gone = true
        serve(request, response)
      }
      whenOvertaken(go)
      setTimeout(go, longestWait)
      return
    }
    case 'doubled at once':
    case 'doubled later':
      void readWhole(request).then(
        (body) => {
          const [first, second] = [again(request, body), again(request, body)]
          const repeat = () =>
            serve(
              second,
              unheard(second, () => undefined),
            )
          if (fault === 'doubled at once') repeat()
          else response.once('finish', () => setTimeout(repeat, longestWait / 10))
          serve(first, response)
        },
        () => undefined,
      )
  }
}

/** A response that is made and goes nowhere. */
function unheard(request: IncomingMessage, made: () => void): ServerResponse {
  const response = new ServerResponse(request)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  response.assignSocket(nowhere as unknown as Socket)
  response.once('finish', made)
  return response
}

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The same request once more, from the same connection, and so from the same caller. */
function again(
  { socket, method, url, headers, rawHeaders, httpVersion }: IncomingMessage,
  body: Buffer,
): IncomingMessage {
  const one = new IncomingMessage(socket)
  Object.assign(one, { method, url, rawHeaders, httpVersion, complete: true })
  Object.assign(one.headers, headers)
  one.push(body)
  one.push(null)
  return one
}

const whatOf = ({ method, url = '' }: IncomingMessage): string =>
  `${method} ${url.split('?')[0]?.replaceAll(/\/[0-9a-f-]{32,}|\/[\w+=%-]{80,}|\/\d{10,}/g, '/…')}`
