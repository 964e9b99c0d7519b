/** The smallest mail server that SMTP allows: takes mail, or refuses the addressee. RFC 5321 §4.5.1. */
import { createServer, type Socket } from 'node:net'

export interface MailServer {
  readonly port: number
  /** Whole messages, decoded. */
  readonly mails: string[]
  /** Answered to RCPT TO from now on. */
  rcpt: string
  close(): Promise<void>
}

export async function openMailServer(): Promise<MailServer> {
  const mails: string[] = []
  const sockets = new Set<Socket>()
  const state = { rcpt: '250 ok' }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let received = ''
    let inData = false
    socket.write('220 mail.example\r\n')
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
      for (;;) {
        const end = inData ? '\r\n.\r\n' : '\r\n'
        const at = received.indexOf(end)
        if (at < 0) return
        const text = received.slice(0, at)
        received = received.slice(at + end.length)
        if (inData) {
          mails.push(text)
          inData = false
          socket.write('250 taken\r\n')
          continue
        }
        const verb = text.slice(0, 4).toUpperCase()
        inData = verb === 'DATA'
        const answers: Record<string, string> = { DATA: '354 go on', RCPT: state.rcpt, QUIT: '221 bye' }
        socket.write(`${answers[verb] ?? '250 ok'}\r\n`)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  return {
    port: address.port,
    mails,
    get rcpt() {
      return state.rcpt
    },
    set rcpt(answer) {
      state.rcpt = answer
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The text of a message: its first part, which is text/plain. RFC 2046 §5.1.4. */
export function textOf(mail: string): string {
  const boundary = /boundary="([^"]+)"/.exec(mail)?.[1] ?? ''
  const [, part = ''] = mail.split(`--${boundary}\r\n`)
  const [head = '', ...rest] = part.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  if (/content-transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
  const octets = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1').toString('utf8')
}
