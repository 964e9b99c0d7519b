/** The server that SIMs call, and OpenSSL in the place of a SIM. GlobalPlatform Amendment B v1.2. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { parseResponseApdu } from '@mobile-jpki/iso7816'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { ResponseScript, SessionTrigger, writeRequest } from '@mobile-jpki/ota'
import { noTrace } from '@mobile-jpki/trace'
import { needs } from '../../../../test/needs.ts'
import type { Packets } from '../scp80/packets.ts'
import { startAdministration } from '../scp81/administration.ts'
import type { AirSim } from '../world.ts'

const key = new Uint8Array(16)
const psk = new Uint8Array(16).fill(0x44)
const sim: AirSim = {
  iccid: '8981200000000000015',
  msisdn: '09012345678',
  keys: { keyVersion: 1, type: 'AES', kic: key, kid: key, dek: key },
  preShared: { keyVersion: 0x40, keyIdentifier: 1, identity: '8981200000000000015F4001', key: psk, dek: key },
}
const patience = { answerMilliseconds: 2_000, tries: 3, runs: 2, idleMilliseconds: 300 }

/** Opens the server for one SIM; what wakes it is told where to call. */
async function opened() {
  const woken = Promise.withResolvers<SessionTrigger>()
  const packets: Packets = {
    exchange: async (_header, data) => {
      woken.resolve(SessionTrigger.decode(data))
      return new Uint8Array()
    },
    close: () => undefined,
  }
  const server = await startAdministration({
    host: '127.0.0.1',
    port: 0,
    patience,
    trace: noTrace,
    onFault: (error) => assert.fail(String(error)),
  })
  const link = server.open(sim, packets, new AbortController().signal)
  return { server, link, woken: woken.promise }
}

const instruction = {
  what: 'GET DATA',
  apdu: { cla: 0x80, ins: 0xca, p1: 0, p2: 0xe0, data: new Uint8Array(), le: 256 },
}

/** `openssl s_client` as the SIM: says what is written, and what it hears. */
function openssl(port: number, identity: string, secret: Uint8Array, ...more: string[]) {
  const options = [
    '-connect',
    `127.0.0.1:${port}`,
    '-psk_identity',
    identity,
    '-psk',
    secret.toHex(),
    '-quiet',
    '-tls1_2',
  ]
  const program = spawn('openssl', ['s_client', ...options, ...more])
  const heard: Buffer[] = []
  let news = Promise.withResolvers<void>()
  program.stdout.on('data', (octets: Buffer) => {
    heard.push(octets)
    news.resolve()
    news = Promise.withResolvers()
  })
  program.stderr.resume()
  const ended = new Promise<void>((resolve) => program.once('close', () => resolve()))
  return {
    write: (octets: Uint8Array) => program.stdin.write(octets),
    until: async (text: string | RegExp): Promise<string> => {
      for (;;) {
        const all = Buffer.concat(heard).toString('latin1')
        if (typeof text === 'string' ? all.includes(text) : text.test(all)) return all
        await Promise.race([news.promise, ended.then(() => assert.fail(`hung up after: ${all}`))])
      }
    },
    ended,
    kill: () => program.kill('SIGKILL'),
  }
}

const suite = ['-cipher', 'PSK-AES128-CBC-SHA256']

describe('OpenSSL in the place of a SIM', { skip: needs('openssl'), timeout: 30_000 }, () => {
  it('is woken, asks, is given a script with its address, answers, and is told that there is no more', async () => {
    const { server, link, woken } = await opened()
    const answer = link.element.send([instruction], '⑮')
    const { session } = await woken
    const { http, security, connection } = session
    assert.equal(connection?.transport?.port, server.port)
    const identity = new TextDecoder().decode(security?.pskIdentity)
    const client = openssl(server.port, identity, psk, ...suite)
    const request = { uri: http?.uri ?? '', host: http?.host ?? '', from: http?.agent ?? '', resume: false }
    client.write(writeRequest(request))
    const given = await client.until(/\r\n0\r\n\r\n$/)
    assert.match(given, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(given, /X-Admin-Targeted-Application: \/\/aid\/A000000151\/000000/)
    assert.match(given, /application\/vnd\.globalplatform\.card-content-mgt;version=1\.0/)
    const next = /X-Admin-Next-URI: (\S+)/.exec(given)?.[1] ?? ''
    const responses = ResponseScript.encode({
      length: 'definite',
      executed: 1,
      responses: [{ kind: 'response', apdu: Uint8Array.of(0xe0, 0x00, 0x90, 0x00) }],
    })
    client.write(writeRequest({ ...request, uri: next, status: 'ok', responses }, { chunk: 16 }))
    assert.deepEqual(await answer, [parseResponseApdu(Uint8Array.of(0xe0, 0x00, 0x90, 0x00))])
    const closing = link.close()
    await client.until('HTTP/1.1 204 No Content')
    await Promise.all([closing, client.ended])
    await server.close()
  })

  it('is given its script again after a break before it had it whole', async () => {
    const { server, link, woken } = await opened()
    const answer = link.element.send([instruction], '⑮')
    const { http } = (await woken).session
    const identity = sim.preShared?.identity ?? ''
    const request = { uri: http?.uri ?? '', host: http?.host ?? '', from: http?.agent ?? '', resume: false }
    const first = openssl(server.port, identity, psk, ...suite)
    first.write(writeRequest(request))
    await first.until('X-Admin-Next-URI')
    first.kill()
    await first.ended
    const second = openssl(server.port, identity, psk, ...suite)
    second.write(writeRequest({ ...request, resume: true }))
    const given = await second.until(/\r\n0\r\n\r\n$/)
    const next = /X-Admin-Next-URI: (\S+)/.exec(given)?.[1] ?? ''
    const responses = ResponseScript.encode({
      length: 'definite',
      executed: 1,
      responses: [{ kind: 'response', apdu: Uint8Array.of(0x6a, 0x88) }],
    })
    second.write(writeRequest({ ...request, uri: next, status: 'ok', responses }))
    assert.equal((await answer)[0]?.sw, 0x6a88)
    await link.close()
    second.kill()
    await server.close()
  })

  it('is refused with another key, under another name, by another suite, and without a reason to call', async () => {
    const { server, link } = await opened()
    const identity = sim.preShared?.identity ?? ''
    const strangers = [
      [identity, new Uint8Array(16), ...suite],
      ['somebody', psk, ...suite],
      [identity, psk, '-cipher', 'PSK-NULL-SHA256:@SECLEVEL=0'],
    ] as const
    for (const [name, secret, ...more] of strangers) {
      const client = openssl(server.port, name, secret, ...more)
      await assert.rejects(client.until('HTTP'), /hung up/)
    }
    await link.close()
    const late = openssl(server.port, identity, psk, ...suite)
    await assert.rejects(late.until('HTTP'), /hung up/)
    await server.close()
  })

  it('hears 404 for an address that is not its own, and 400 for what is no administration request', async () => {
    const { server, link } = await opened()
    const identity = sim.preShared?.identity ?? ''
    const wrong = openssl(server.port, identity, psk, ...suite)
    wrong.write(writeRequest({ uri: '/admin/0/0', host: 'h', from: 'f', resume: false }))
    await wrong.until('HTTP/1.1 404')
    const other = openssl(server.port, identity, psk, ...suite)
    other.write(new TextEncoder().encode('GET / HTTP/1.1\r\nHost: h\r\n\r\n'))
    await other.until('HTTP/1.1 400')
    await link.close()
    await server.close()
  })
})

describe('a SIM that does not call', () => {
  it('is waited for, woken again, and then said to be absent', async () => {
    let wakes = 0
    const server = await startAdministration({
      host: '127.0.0.1',
      port: 0,
      patience: { ...patience, answerMilliseconds: 10 },
      trace: noTrace,
      onFault: () => undefined,
    })
    const packets: Packets = {
      exchange: async () => {
        wakes += 1
        return new Uint8Array()
      },
      close: () => undefined,
    }
    const { element, close } = server.open(sim, packets, new AbortController().signal)
    assert.equal(element.trust?.domain.toHex(), issuerSecurityDomain.toHex())
    await assert.rejects(element.send([instruction], '⑮'), /does not call/)
    assert.equal(wakes, 3)
    await close()
    await server.close()
  })
})
