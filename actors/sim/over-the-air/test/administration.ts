/** What a session over HTTP is made with, in the tests. */
import type { SessionParameters } from '@mobile-jpki/ota'

export const security = {
  pskIdentity: new TextEncoder().encode('89810000000000000019-administration'),
  keyVersion: 0x40,
  keyIdentifier: 0x01,
} as const

export const parametersTo = (port: number, attempts = 0): SessionParameters => ({
  connection: { transport: { protocol: 'tcpClient', port }, destination: '127.0.0.1', bufferSize: 1024 },
  security,
  ...(attempts > 0 && { retry: { attempts, waitSeconds: 1 } }),
  http: { host: 'administration.example', agent: '//se-id/iccid/89810000000000000019', uri: '/begin' },
})

export const whole = parametersTo(1)
