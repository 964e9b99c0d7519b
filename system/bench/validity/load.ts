/** So many connections that each send the next request when the last answer is in: HTTP over bare sockets, so that asking costs less than answering. */
import { connect } from 'node:net'

export interface LoadPlan {
  readonly port: number
  readonly paths: readonly string[]
  readonly connections: number
  readonly seconds: number
  /** A connection for each request, for servers that know no other way. */
  readonly closing: boolean
}

export interface LoadFigures {
  readonly answers: number
  readonly perSecond: number
  /** Answers with another status than 200, and connections that broke. */
  readonly failures: number
}

export async function load({ port, paths, connections, seconds, closing }: LoadPlan): Promise<LoadFigures> {
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${closing ? 'Connection: close\r\n' : ''}\r\n`),
  )
  let [answers, failures, next] = [0, 0, 0]
  const start = performance.now()
  const end = start + seconds * 1000
  const request = () => requests[next++ % requests.length] ?? Buffer.of()

  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request()))
      let received: Buffer = Buffer.alloc(0)
      const answered = (octets: Buffer) => {
        received = Buffer.alloc(0)
        if (isGood(octets)) answers += 1
        else failures += 1
        if (closing) socket.destroy()
        else if (performance.now() < end) socket.write(request())
        else socket.end()
      }
      socket.on('data', (octets: Buffer) => {
        const whole = received.length === 0 ? octets : Buffer.concat([received, octets])
        if (isWhole(whole)) answered(whole)
        else received = whole
      })
      socket.on('error', () => {
        failures += 1
      })
      socket.on('close', () => resolve())
    })

  const worker = async () => {
    do await one()
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return { answers, failures, perSecond: (answers * 1000) / (performance.now() - start) }
}

const isGood = (octets: Buffer): boolean => octets.toString('latin1', 8, 13) === ' 200 '

function isWhole(octets: Buffer): boolean {
  const head = octets.indexOf('\r\n\r\n')
  if (head < 0) return false
  const [, length = '0'] = /content-length: *(\d+)/i.exec(octets.toString('latin1', 0, head)) ?? []
  return octets.length >= head + 4 + Number(length)
}
