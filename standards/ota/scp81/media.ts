/** Names and values of the administration protocol: headers, content types, script statuses. GlobalPlatform Amendment B v1.2 §3.4. */

export const adminProtocol = 'globalplatform-remote-admin/1.0'
export const contentTypes = {
  commands: 'application/vnd.globalplatform.card-content-mgt;version=1.0',
  responses: 'application/vnd.globalplatform.card-content-mgt-response;version=1.0',
} as const

/** X-Admin-Script-Status. Only `ok` comes with responses. */
export const scriptStatuses = ['ok', 'unknown-application', 'not-a-security-domain', 'security-error'] as const
export type ScriptStatus = (typeof scriptStatuses)[number]

/** The cipher suites of TLS 1.2 that both ends offer. Amendment B §3.3. */
export const cipherSuites = {
  encrypted: 'TLS_PSK_WITH_AES_128_CBC_SHA256',
  authenticated: 'TLS_PSK_WITH_NULL_SHA256',
} as const

export type AdminFailure = 'malformed' | 'too-long' | 'not-supported'

/** The other end does not follow the protocol: the session is over. */
export class AdminProtocolError extends Error {
  override readonly name = 'AdminProtocolError'
  readonly failure: AdminFailure

  constructor(failure: AdminFailure, message: string) {
    super(message)
    this.failure = failure
  }
}

/** X-Admin-Targeted-Application: `//aid/` RID `/` PIX, in hexadecimal. §3.4.2. */
export const targetName = (aid: Uint8Array): string => {
  const hex = aid.toHex().toUpperCase()
  return `//aid/${hex.slice(0, 10)}/${hex.slice(10)}`
}

export function targetOf(name: string): Uint8Array {
  const [, rid = '', pix = ''] = /^\/\/aid\/([0-9A-Fa-f]{10})(?:\/((?:[0-9A-Fa-f]{2}){0,11}))?$/.exec(name) ?? []
  if (rid === '') throw new AdminProtocolError('malformed', 'the targeted application is not named by its AID')
  return Uint8Array.fromHex(rid + pix)
}
