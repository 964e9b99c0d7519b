/** The SIM as an HTTP client: woken by a message, through the phone's modem, to a server whose TLS is not ours. GPC Amendment B. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GetStatus } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import {
  CommandScript,
  ResponseScript,
  readRequest,
  responseApdus,
  type SessionParameters,
  SessionTrigger,
  scriptOf,
  writeResponse,
} from '@mobile-jpki/ota'
import { manufacture, openSim, type Sim } from '@mobile-jpki/sim'
import { administrationKeys, airKeys, bytes, radioWith } from './bench.ts'
import { opensslServer } from './openssl-server.ts'

const key = (first: number) => Uint8Array.from({ length: 16 }, (_, at) => (first + at) & 0xff)

function newSim(): Sim {
  const nvm = memoryNvm()
  manufacture(nvm, {
    iccid: bytes('89810000000000000019'),
    iin: bytes('8981'),
    cin: bytes('0000000000000019'),
    kdd: bytes('00010203040506070809'),
    keySets: [{ scp: 3, i: 0x70, keyVersion: 0x30, enc: key(0x10), mac: key(0x20), dek: key(0x30) }],
    shortMessageKeys: [airKeys],
    administrationKeys: [administrationKeys],
  })
  return openSim({ nvm })
}

const parametersTo = (port: number, attempts = 0): SessionParameters => ({
  connection: { transport: { protocol: 'tcpClient', port }, destination: '127.0.0.1', bufferSize: 1024 },
  security: { pskIdentity: new TextEncoder().encode('sim-19'), keyVersion: 0x40, keyIdentifier: 0x01 },
  ...(attempts > 0 && { retry: { attempts, waitSeconds: 1 } }),
  http: { host: 'administration.example', agent: '//se-id/iccid/19', uri: '/begin' },
})

const getStatus = encodeCommandApdu(
  GetStatus.toApdu({ p1: 'issuerSecurityDomain', p2: 'first', data: { aid: new Uint8Array() } }),
)
const script = (...apdus: Uint8Array[]) => CommandScript.encode(scriptOf(apdus))

describe('administration over HTTP', () => {
  for (const suite of ['PSK-AES128-CBC-SHA256', 'PSK-NULL-SHA256'] as const)
    it(`runs scripts from a server with OpenSSL's ${suite}`, async () => {
      const server = await opensslServer({ psk: administrationKeys.psk, suite })
      const radio = await radioWith(newSim())
      try {
        const proof = await radio.send(SessionTrigger.encode({ session: parametersTo(server.port) }), 1)
        assert.ok('status' in proof && proof.status === 'ok')
        const first = readRequest(await server.request())
        assert.deepEqual(first, {
          uri: '/begin',
          host: 'administration.example',
          from: '//se-id/iccid/19',
          resume: false,
        })
        server.answer(writeResponse({ commands: script(getStatus), nextUri: '/next' }, { chunk: 7 }))
        const second = readRequest(await server.request())
        assert.equal(second.uri, '/next')
        const [answer = new Uint8Array()] = responseApdus(ResponseScript.decode(second.responses ?? new Uint8Array()))
        assert.equal(answer.slice(-2).toHex(), '9000')
        server.answer(writeResponse({}))
      } finally {
        await radio.stop()
        await server.stop()
      }
    })
})
