/** Requests of the card and responses of the administration server. GlobalPlatform Amendment B v1.2 §3.4. */
import { type Framing, type HttpMessage, writeMessage } from './http.ts'
import {
  AdminProtocolError,
  adminProtocol,
  contentTypes,
  type ScriptStatus,
  scriptStatuses,
  targetName,
  targetOf,
} from './media.ts'

/** A POST of the card. The first of a session, and one that resumes, has neither status nor responses. §3.4.1. */
export interface AdminRequest {
  readonly uri: string
  readonly host: string
  /** X-Admin-From: the administration agent. */
  readonly from: string
  readonly resume: boolean
  readonly status?: ScriptStatus
  /** Expanded response script, only with the status ok. */
  readonly responses?: Uint8Array
}

export function writeRequest(request: AdminRequest, framing: Framing = { chunk: 1024 }): Uint8Array {
  const { uri, host, from, resume, status, responses } = request
  if (responses !== undefined && status !== 'ok')
    throw new AdminProtocolError('malformed', 'responses come with the status ok alone')
  const headers: [string, string][] = [
    ['Host', host],
    ['X-Admin-Protocol', adminProtocol],
    ['X-Admin-From', from],
    ...(resume ? ([['X-Admin-Resume', 'true']] as [string, string][]) : []),
    ...(status === undefined ? [] : ([['X-Admin-Script-Status', status]] as [string, string][])),
    ...(responses === undefined ? [] : ([['Content-Type', contentTypes.responses]] as [string, string][])),
  ]
  const startLine = `POST ${checkedUri(uri)} HTTP/1.1`
  return responses === undefined
    ? writeMessage(startLine, headers)
    : writeMessage(startLine, headers, responses, framing)
}

export function readRequest({ startLine, headers, body }: HttpMessage): AdminRequest {
  const [, uri = ''] = /^POST ([\x21-\x7e]+) HTTP\/1\.1$/.exec(startLine) ?? []
  if (uri === '') throw new AdminProtocolError('malformed', 'not a POST of HTTP/1.1')
  checkProtocol(headers)
  const host = headers.get('host')
  const from = headers.get('x-admin-from')
  if (host === undefined || from === undefined)
    throw new AdminProtocolError('malformed', 'Host or X-Admin-From is missing')
  const said = headers.get('x-admin-script-status')
  const status = scriptStatuses.find((one) => one === said)
  if (said !== undefined && status === undefined) throw new AdminProtocolError('malformed', 'an unknown script status')
  const hasResponses = body.length > 0
  if (hasResponses && status !== 'ok') throw new AdminProtocolError('malformed', 'responses without the status ok')
  if (hasResponses) checkType(headers, contentTypes.responses)
  return {
    uri,
    host,
    from,
    resume: headers.get('x-admin-resume')?.toLowerCase() === 'true',
    ...(status !== undefined && { status }),
    ...(hasResponses && { responses: body }),
  }
}

/**
 * What the server answers. Without a next URI the card runs the script and sends nothing back; with neither, the session is over (204).
 * §3.4.2.
 */
export interface AdminResponse {
  /** Expanded command script. */
  readonly commands?: Uint8Array
  readonly nextUri?: string
  /** The security domain that the script is for, where it is not the one whose key opened the session. */
  readonly target?: Uint8Array
}

export function writeResponse(response: AdminResponse, framing: Framing = 'contentLength'): Uint8Array {
  const { commands, nextUri, target } = response
  const headers: [string, string][] = [
    ['X-Admin-Protocol', adminProtocol],
    ...(nextUri === undefined ? [] : ([['X-Admin-Next-URI', checkedUri(nextUri)]] as [string, string][])),
    ...(target === undefined ? [] : ([['X-Admin-Targeted-Application', targetName(target)]] as [string, string][])),
  ]
  if (commands === undefined) {
    if (target !== undefined) throw new AdminProtocolError('malformed', 'a target without a script')
    return nextUri === undefined
      ? writeMessage('HTTP/1.1 204 No Content', headers)
      : writeMessage('HTTP/1.1 200 OK', headers, new Uint8Array(), 'contentLength')
  }
  return writeMessage('HTTP/1.1 200 OK', [...headers, ['Content-Type', contentTypes.commands]], commands, framing)
}

/** A refusal, in HTTP's own words: the card ends the session. */
export const writeFailure = (status: 400 | 403 | 404 | 413 | 500, words: string): Uint8Array =>
  writeMessage(`HTTP/1.1 ${status} ${words}`, [['X-Admin-Protocol', adminProtocol]], new Uint8Array(), 'contentLength')

export function readResponse({ startLine, headers, body }: HttpMessage): AdminResponse {
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})(?: .*)?$/.exec(startLine) ?? []
  if (status !== '200' && status !== '204')
    throw new AdminProtocolError('not-supported', `the server answers ${status}`)
  checkProtocol(headers)
  if (status === '204') return {}
  const nextUri = headers.get('x-admin-next-uri')
  const target = headers.get('x-admin-targeted-application')
  if (body.length > 0) checkType(headers, contentTypes.commands)
  return {
    ...(body.length > 0 && { commands: body }),
    ...(nextUri !== undefined && { nextUri: checkedUri(nextUri) }),
    ...(target !== undefined && { target: targetOf(target) }),
  }
}

function checkProtocol(headers: HttpMessage['headers']): void {
  if (headers.get('x-admin-protocol') !== adminProtocol)
    throw new AdminProtocolError('not-supported', 'another administration protocol')
}

/** Spaces behind the semicolon are free. RFC 9110 §8.3.1. */
function checkType(headers: HttpMessage['headers'], wanted: string): void {
  if (headers.get('content-type')?.toLowerCase().replaceAll(' ', '') !== wanted)
    throw new AdminProtocolError('not-supported', 'another content type')
}

function checkedUri(uri: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(uri)) throw new AdminProtocolError('malformed', 'not a URI')
  return uri
}
