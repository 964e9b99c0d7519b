/** Administration over HTTP: messages, parameters, sessions. GlobalPlatform Amendment B v1.2. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  AdminProtocolError,
  type AdminRequest,
  type AdminResponse,
  type AdminSession,
  answered,
  beginSession,
  PskParameters,
  ran,
  readRequest,
  readResponse,
  resolveParameters,
  resumeSession,
  SessionParameters,
  SessionTrigger,
  StoredParameters,
  scriptStatuses,
  targetName,
  targetOf,
  terminalsOwnBearer,
  writeFailure,
  writeRequest,
  writeResponse,
} from '../index.ts'
import { only } from './http-stream.ts'
import templates from './templates.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
const text = (octets: Uint8Array) => new TextDecoder().decode(octets)
const refused = (write: () => unknown) => assert.throws(write, AdminProtocolError)

const vector = (what: RegExp) => bytes(templates.cases.find((one) => what.test(one.what))?.bytes ?? '')
const peer = { host: 'ota.example', from: '//se-id/CIN/8981' }
const asked = beginSession(peer, '/admin')

describe(`session parameters: ${templates.source}`, () => {
  it('the nesting of a trigger, its parts empty or left out', () => {
    const trigger = vector(/trigger/)
    assert.deepEqual(SessionTrigger.decode(trigger), {
      session: {
        connection: {},
        security: { pskIdentity: new Uint8Array(), keyVersion: 1, keyIdentifier: 1 },
        retry: { attempts: 0xb000, waitSeconds: 37230 },
        http: { host: '', agent: '', uri: '' },
      },
    })
  })

  it('security parameters, host and URI', () => {
    const security = { pskIdentity: bytes('DEADBEEF'), keyVersion: 0, keyIdentifier: 0x40 }
    assert.equal(hex(SessionParameters.encode({ security })), hex(vector(/^SCP81/)))
    const http = { host: 'admin.host', uri: 'https://admin.host/uri' }
    const inside = `${hex(vector(/Host/))}${hex(vector(/URI/))}`
    assert.equal(hex(SessionParameters.encode({ http })), `89${(inside.length / 2).toString(16)}${inside}`)
    assert.deepEqual(SessionParameters.decode(SessionParameters.encode({ http })), { http })
  })
})

describe('session parameters', () => {
  const full: SessionParameters = {
    connection: {
      bearer: terminalsOwnBearer,
      bufferSize: 1400,
      networkAccessName: 'ota.example',
      transport: { protocol: 'tcpClient', port: 8443 },
      destination: '192.0.2.7',
    },
    security: { pskIdentity: new Uint8Array(32).fill(0x41), keyVersion: 0x40, keyIdentifier: 1 },
    retry: { attempts: 3, waitSeconds: 600 },
    http: { host: 'ota.example', agent: 'sim', uri: '/admin' },
  }

  it('are triggered, stored and changed', () => {
    assert.deepEqual(SessionTrigger.decode(SessionTrigger.encode({ session: full })), { session: full })
    for (const codec of Object.values(StoredParameters)) assert.deepEqual(codec.decode(codec.encode(full)), full)
    assert.deepEqual(
      Object.values(StoredParameters).map((codec) => codec.encode({})[0]),
      [0x85, 0xa5],
    )
  })

  it('come from the trigger, then from the domain, then from the issuer’s', () => {
    const trigger: SessionParameters = { http: { host: '', uri: '/now' } }
    const domain: SessionParameters = {
      security: { ...(full.security ?? assert.fail()), keyVersion: 0x41 },
      http: { host: 'sp.example' },
    }
    assert.deepEqual(resolveParameters(trigger, domain, full), {
      connection: full.connection,
      security: domain.security,
      retry: full.retry,
      http: { host: 'sp.example', agent: 'sim', uri: '/now' },
    })
    assert.deepEqual(resolveParameters({}, {}), {})
  })

  it('that lie about a length, or are not ours, are refused', () => {
    for (const one of ['04DEADBEEF', '04DEADBEEF0200', '04DEADBEEF034001', '05DEADBEEF024001', '', 'FF'])
      assert.throws(() => PskParameters.decode(bytes(one)), TlvError, one)
    assert.throws(() => SessionTrigger.decode(bytes('8300')), TlvError)
    assert.throws(() => SessionTrigger.decode(bytes('8100')), TlvError)
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (place, value) => {
        const written = SessionTrigger.encode({ session: full })
        written[place % written.length] = value
        try {
          SessionTrigger.decode(written)
        } catch (error) {
          assert.ok(error instanceof TlvError, `${error}`)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a request', () => {
  it('first has no body and no header that need not be', () => {
    assert.equal(
      text(writeRequest(asked.state === 'asking' ? asked.request : assert.fail())),
      'POST /admin HTTP/1.1\r\nHost: ota.example\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n' +
        'X-Admin-From: //se-id/CIN/8981\r\n\r\n',
    )
  })

  it('goes there and back under either framing', () => {
    const requests: AdminRequest[] = [
      { uri: '/a', ...peer, resume: false },
      { uri: '/a?step=2', ...peer, resume: true },
      { uri: '/a', ...peer, resume: false, status: 'ok', responses: bytes('AF8023029000' + '0000') },
      ...scriptStatuses.slice(1).map((status): AdminRequest => ({ uri: '/a', ...peer, resume: false, status })),
    ]
    for (const request of requests)
      for (const framing of ['contentLength', { chunk: 3 }] as const)
        assert.deepEqual(readRequest(only(writeRequest(request, framing))), request)
  })

  it('that is none is refused', () => {
    const head = 'X-Admin-Protocol: globalplatform-remote-admin/1.0\r\nX-Admin-From: a\r\nHost: h\r\n'
    const message = (startLine: string, headers: string, body = '') =>
      only(new TextEncoder().encode(`${startLine}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`))
    assert.equal(readRequest(message('POST / HTTP/1.1', `${head}X-Unknown: 1\r\n`)).uri, '/')
    refused(() => readRequest(message('GET / HTTP/1.1', head)))
    refused(() => readRequest(message('POST / HTTP/1.0', head)))
    refused(() => readRequest(message('POST / HTTP/1.1', head.replace('/1.0', '/2.0'))))
    refused(() => readRequest(message('POST / HTTP/1.1', head.replace('Host: h\r\n', ''))))
    refused(() => readRequest(message('POST / HTTP/1.1', head.replace('X-Admin-From: a\r\n', ''))))
    refused(() => readRequest(message('POST / HTTP/1.1', head, 'body')))
    refused(() =>
      readRequest(message('POST / HTTP/1.1', `${head}X-Admin-Script-Status: ok\r\nContent-Type: text/plain\r\n`, 'b')),
    )
    refused(() => readRequest(message('POST / HTTP/1.1', `${head}X-Admin-Script-Status: fine\r\n`)))
    refused(() =>
      writeRequest({ uri: '/', ...peer, resume: false, status: 'security-error', responses: bytes('AF800000') }),
    )
    refused(() => writeRequest({ uri: '/ x', ...peer, resume: false }))
    refused(() => writeRequest({ uri: '/', host: 'a\r\nX-Evil: 1', from: 'b', resume: false }))
  })
})

describe('a response', () => {
  const target = bytes('A0000001515350414D4A504B49')

  it('goes there and back under either framing', () => {
    const responses: AdminResponse[] = [
      {},
      { nextUri: '/next?id=7' },
      { commands: bytes('AE80220580CA0085000000') },
      { commands: bytes('AA00'), nextUri: '/next', target },
    ]
    for (const response of responses)
      for (const framing of ['contentLength', { chunk: 4 }] as const)
        assert.deepEqual(readResponse(only(writeResponse(response, framing))), response)
  })

  it('names the application that a script is for', () => {
    assert.equal(targetName(target), '//aid/A000000151/5350414D4A504B49')
    assert.deepEqual(targetOf('//aid/a000000151/5350414d4a504b49'), target)
    for (const name of [
      '',
      '//aid/A0',
      '//aid/A000000151/5',
      '//se-id/A000000151',
      `//aid/A000000151/${'00'.repeat(12)}`,
    ])
      refused(() => targetOf(name))
  })

  it('that is a refusal, or none, ends the session', () => {
    for (const status of [400, 403, 404, 413, 500] as const)
      refused(() => readResponse(only(writeFailure(status, 'No'))))
    const message = (startLine: string, headers: string, body = '') =>
      only(new TextEncoder().encode(`${startLine}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`))
    const protocol = 'X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n'
    refused(() => readResponse(message('HTTP/1.1 200 OK', '')))
    refused(() => readResponse(message('HTTP/1.1 200 OK', `${protocol}Content-Type: text/html\r\n`, 'x')))
    refused(() => readResponse(message('HTTP/1.1 302 Found', protocol)))
    refused(() => writeResponse({ target }))
    refused(() => writeResponse({ nextUri: '/a\r\nX-Admin-Next-URI: /b' }))
  })
})

describe('a session', () => {
  const commands = bytes('AE80220580CA0085000000')
  const responses = bytes('AF8023026A880000')
  const asking = (session: AdminSession) => (session.state === 'asking' ? session : assert.fail(session.state))
  const running = (session: AdminSession) => (session.state === 'running' ? session : assert.fail(session.state))

  it('asks, runs, answers where it was told to, and ends with 204', () => {
    const first = running(answered(asking(asked), { commands, nextUri: '/2' }))
    const second = asking(ran(first, 'ok', responses))
    assert.deepEqual(second.request, { uri: '/2', ...peer, resume: false, status: 'ok', responses })
    assert.deepEqual(answered(second, {}), { state: 'closed' })
  })

  it('says why a script was not run, without responses', () => {
    const first = running(answered(asking(asked), { commands, nextUri: '/2' }))
    const { request } = asking(ran(first, 'unknown-application', responses))
    assert.deepEqual([request.status, request.responses], ['unknown-application', undefined])
  })

  it('runs a script without a next URI and sends nothing back', () => {
    assert.deepEqual(ran(running(answered(asking(asked), { commands })), 'ok', responses), { state: 'closed' })
  })

  it('follows a next URI without a script', () => {
    assert.equal(asking(answered(asking(asked), { nextUri: '/3' })).request.uri, '/3')
  })

  it('after a break asks again, or goes on where the last whole script said; never with responses', () => {
    const resumed = (session: AdminSession) => asking(resumeSession(session)).request
    const first = running(answered(asking(asked), { commands, nextUri: '/2' }))
    assert.deepEqual(resumed(asked), { uri: '/admin', ...peer, resume: true })
    assert.deepEqual(resumed(first), { uri: '/2', ...peer, resume: true })
    assert.deepEqual(resumed(ran(first, 'ok', responses)), { uri: '/2', ...peer, resume: true })
    assert.deepEqual(resumeSession(answered(asking(asked), { commands })), { state: 'closed' })
    assert.deepEqual(resumeSession({ state: 'closed' }), { state: 'closed' })
  })
})
