/**
 * The card's side of an administration session: what it sends next, and what it resumes with. GlobalPlatform Amendment B v1.2 §3.4, §3.6.
 *
 *   opening ──first POST──▶ asked ──200, next URI──▶ running ──responses──▶ asked …
 *                             │                        └─ connection lost ─▶ resuming
 *                             ├──200, no next URI──▶ running, last script ──▶ closed
 *                             └──204──▶ closed
 */

import type { ScriptStatus } from './media.ts'
import type { AdminRequest, AdminResponse } from './messages.ts'

/** Who asks whom: fixed for a session. */
export interface AdminPeer {
  readonly host: string
  readonly from: string
}

export type AdminSession =
  /** The request to send, and where to begin anew when the connection breaks. */
  | { readonly state: 'asking'; readonly request: AdminRequest }
  /** A script is being run; `nextUri` takes its responses. */
  | { readonly state: 'running'; readonly request: AdminRequest; readonly nextUri?: string }
  | { readonly state: 'closed' }

/** The first POST has no body, and none of the optional headers. */
export const beginSession = ({ host, from }: AdminPeer, uri: string): AdminSession => ({
  state: 'asking',
  request: { uri, host, from, resume: false },
})

/** What the server's answer makes of a session. */
export function answered(session: AdminSession & { readonly state: 'asking' }, response: AdminResponse): AdminSession {
  const { commands, nextUri } = response
  if (commands !== undefined)
    return { state: 'running', request: session.request, ...(nextUri !== undefined && { nextUri }) }
  if (nextUri === undefined) return { state: 'closed' }
  const { host, from } = session.request
  return { state: 'asking', request: { uri: nextUri, host, from, resume: false } }
}

/** The script has been run, or could not be: only a script with a next URI is answered. */
export function ran(
  { request, nextUri }: AdminSession & { readonly state: 'running' },
  status: ScriptStatus,
  responses: Uint8Array,
): AdminSession {
  if (nextUri === undefined) return { state: 'closed' }
  const { host, from } = request
  return {
    state: 'asking',
    request: { uri: nextUri, host, from, resume: false, status, ...(status === 'ok' && { responses }) },
  }
}

/**
 * After a break: when the last script was there whole and named a next URI, go on with that, else ask the last again; without
 * responses in either case. §3.6.
 */
export function resumeSession(session: AdminSession): AdminSession {
  if (session.state === 'closed') return session
  const { host, from, uri } = session.request
  const next = session.state === 'running' ? session.nextUri : undefined
  if (session.state === 'running' && next === undefined) return { state: 'closed' }
  return { state: 'asking', request: { uri: next ?? uri, host, from, resume: true } }
}
