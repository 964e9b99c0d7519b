/** An administration server whose TLS is OpenSSL's own: `openssl s_server` with a pre-shared key, HTTP through its standard streams. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type HttpMessage, httpReader, readHttp } from '@mobile-jpki/ota'

export interface OpensslServer {
  readonly port: number
  /** The next request of the SIM. */
  request(): Promise<HttpMessage>
  answer(octets: Uint8Array): void
  /** What it prints of its handshakes. */
  readonly said: () => string
  stop(): Promise<void>
}

export interface OpensslOptions {
  readonly psk: Uint8Array
  readonly suite: 'PSK-AES128-CBC-SHA256' | 'PSK-NULL-SHA256'
  readonly port?: number
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}

/** It says nothing when it is ready; a connection that says nothing either does it no harm. */
async function untilListening(port: number): Promise<void> {
  for (let there = false; !there; ) {
    const socket = connect({ host: '127.0.0.1', port })
    there = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (!there) await setTimeout(20)
  }
}

export async function opensslServer({ psk, suite, port }: OpensslOptions): Promise<OpensslServer> {
  const own = port ?? (await freePort())
  const options = ['-accept', `127.0.0.1:${own}`, '-nocert', '-tls1_2', '-psk', psk.toHex()]
  const child: ChildProcessWithoutNullStreams = spawn('openssl', [
    's_server',
    ...options,
    ...['-cipher', `${suite}:@SECLEVEL=0`, '-quiet', '-naccept', '100'],
  ])
  let said = ''
  let reader = httpReader({ head: 0x1000, body: 0x10000 })
  const requests: HttpMessage[] = []
  let news = Promise.withResolvers<void>()
  child.stderr.on('data', (octets: Buffer) => {
    said += octets.toString()
  })
  child.stdout.on('data', (octets: Buffer) => {
    const begin = octets.indexOf('POST ')
    const read = readHttp(
      reader,
      Uint8Array.from(reader.rest.length === 0 && begin > 0 ? octets.subarray(begin) : octets),
    )
    reader = read.reader
    requests.push(...read.messages)
    news.resolve()
    news = Promise.withResolvers<void>()
  })
  await untilListening(own)
  return {
    port: own,
    request: async () => {
      for (let first = requests.shift(); ; first = requests.shift()) {
        if (first !== undefined) return first
        await news.promise
      }
    },
    answer: (octets) => void child.stdin.write(octets),
    said: () => said,
    stop: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
