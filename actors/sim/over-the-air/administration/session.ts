/**
 * The card as an HTTP client of its administrator: POST, a script, POST with its responses, until there is no more. GPC Amendment B §3.4, §3.6.
 *
 *   opening ──channel──▶ handshake ──TLS──▶ asking ⇄ running ──204──▶ closing ──▶ over
 *      ▲                        └───────────────┴── break ──▶ waiting (timer), while tries are left
 *      └───────────────────────────────────────────────────────┘
 */
import {
  type AdminPeer,
  AdminProtocolError,
  type AdminResponse,
  type AdminSession,
  answered,
  beginSession,
  type Envelope,
  type HttpMessage,
  httpReader,
  isExpanded,
  ResponseScript,
  ran,
  readHttp,
  readResponse,
  resumeSession,
  type ScriptStatus,
  writeRequest,
} from '@mobile-jpki/ota'
import type { CardContext, RunCommand } from '../../domain/state.ts'
import { ask } from '../proactive.ts'
import { endChannels, runScript } from '../script.ts'
import { type Bearer, bearer, type TcpConnection } from './bearer.ts'
import { type SessionKeys, scriptTarget } from './keys.ts'
import { type AdministrationRecord, keepRecord } from './record.ts'
import { type TlsClient, tlsClient } from './tls.ts'

export interface Administration {
  readonly isOver: boolean
  hear(event: Exclude<Envelope, { kind: 'smsDownload' }>): void
  settle(): Promise<void>
  /** The power is gone. */
  abandon(): void
}

export interface Plan {
  readonly record: AdministrationRecord
  readonly keys: SessionKeys
  readonly connection: TcpConnection
  readonly peer: AdminPeer
  readonly uri: string
  readonly resume: boolean
}

const limits = { head: 0x800, body: 0x10000 } as const
const timer = 1

export function administration(card: CardContext, plan: Plan, run: RunCommand): Administration {
  const { toolkit, nvm } = card
  const { keys, peer } = plan
  let { record } = plan
  let session: AdminSession = beginSession(peer, plan.uri)
  if (plan.resume) session = resumeSession(session)
  let tls: TlsClient | undefined
  let reader = httpReader(limits)
  let ciphered = false
  let finished = false
  let over = false

  const remember = (next: AdministrationRecord | undefined) => {
    keepRecord(nvm, next)
    nvm.commit()
    if (next !== undefined) record = next
  }
  const dropSession = () => {
    tls?.destroy()
    tls = undefined
    reader = httpReader(limits)
    endChannels(card, 'session')
  }
  const finish = () => {
    finished = true
    dropSession()
    remember(undefined)
    link.close()
  }

  const link: Bearer = bearer(toolkit, plan.connection, {
    opened: () => {
      tls = tlsClient(keys.psk, keys.identity, {
        out: (records) => link.send(records),
        established: (suite) => {
          ciphered = suite.ciphered
          post()
        },
        plain: read,
        ended: (reason) => (reason === 'security' ? finish() : broken()),
      })
    },
    received: (octets) => tls?.receive(octets),
    broken,
    closed: () => {
      over = finished
    },
  })

  function post(): void {
    if (session.state === 'asking') tls?.send(writeRequest(session.request))
  }

  function read(octets: Uint8Array): void {
    try {
      const { reader: next, messages } = readHttp(reader, octets)
      reader = next
      for (const message of messages) take(message)
    } catch (error) {
      if (!(error instanceof AdminProtocolError)) throw error
      finish()
    }
  }

  function take(message: HttpMessage): void {
    // What comes unasked ends the session, as 204 does.
    session = session.state === 'asking' ? afterResponse(session, readResponse(message)) : { state: 'closed' }
    if (session.state === 'asking') record = { ...record, uri: session.request.uri }
    if (session.state === 'closed') finish()
    else post()
  }

  function afterResponse(asking: AdminSession & { readonly state: 'asking' }, response: AdminResponse): AdminSession {
    const next = answered(asking, response)
    return next.state === 'running' ? runIt(next, response.commands ?? new Uint8Array(), response.target) : next
  }

  /** What the script does and where the session goes on last together: a script is not run twice for want of power. */
  function runIt(
    running: AdminSession & { readonly state: 'running' },
    script: Uint8Array,
    aid: Uint8Array = record.domain,
  ): AdminSession {
    const target = scriptTarget(card, keys, aid, ciphered)
    if (typeof target === 'string') return ran(running, target, new Uint8Array())
    try {
      const responses = isExpanded(script) ? nvm.inParts([], () => runScript(card, target, script, run)) : badFormat
      const next = ran(running, 'ok' satisfies ScriptStatus, responses)
      keepRecord(nvm, next.state === 'asking' ? { ...record, uri: next.request.uri } : undefined)
      nvm.commit()
      return next
    } catch (error) {
      nvm.rollback()
      throw error
    }
  }

  function broken(): void {
    dropSession()
    session = resumeSession(session)
    if (session.state === 'closed' || record.attempts === 0) finish()
    else {
      remember({ ...record, attempts: record.attempts - 1 })
      link.close()
      again(record.parameters.retry?.waitSeconds ?? 0)
    }
  }

  /** A terminal without timers is asked again at once. */
  function again(seconds: number): void {
    if (seconds === 0 || toolkit.profile?.facilities.includes('timerStart') !== true) link.open()
    else
      ask(toolkit, {
        command: (number) => ({
          details: { number, type: 'timerManagement', qualifier: 0 },
          devices: { source: 'uicc', destination: 'terminal' },
          timer,
          value: seconds,
        }),
      })
  }

  link.open()
  return {
    get isOver() {
      return over
    },
    hear: (event) => {
      if (event.kind !== 'timerExpiration') link.hear(event)
      else if (event.timer === timer && !over) link.open()
    },
    settle: async () => {
      await tls?.settle()
    },
    abandon: () => {
      over = true
      tls?.destroy()
      tls = undefined
    },
  }
}

const badFormat = ResponseScript.encode({
  length: 'indefinite',
  responses: [{ kind: 'badFormat', value: 'unknownTag' }],
})
