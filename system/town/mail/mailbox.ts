/** The persons' mailbox, for development: takes mail by SMTP (RFC 5321) and shows it. It is the addressee's, not the system's. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve, serveRaw } from '@mobile-jpki/service'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { readMail } from '../contract.ts'
import { languageIn, type Mail, pageOf } from './page.ts'

export interface Mailbox {
  readonly routes: readonly Route[]
  close(): Promise<void>
}

const largestMail = 1 << 20

const policyFor = (desk: string): string =>
  `default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors ${desk}`

/** `desk`: the origin whose page may show the mailbox in a frame. */
export async function openMailbox(directory: string, port: number, desk: string): Promise<Mailbox> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let count = (await readdir(directory)).length
  const keep = async (stream: AsyncIterable<Buffer>) => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const file = join(directory, `${Date.now()}-${count++}.eml`)
    await writeFile(`${file}.part`, Buffer.concat(chunks), { mode: 0o600, flush: true })
    await rename(`${file}.part`, file)
  }
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: largestMail,
    onData: (stream, _session, done) => {
      keep(stream).then(
        () => done(),
        (error: Error) => done(error),
      )
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' ? new Refusal('port.in-use', `Port ${port}, wanted for mail, is taken.`) : error,
      )
    })
    server.listen(port, '127.0.0.1', () => resolve())
  })
  server.removeAllListeners('error').on('error', () => undefined)

  const opened = new Map<string, Promise<Mail>>()
  const mailIn = (name: string): Promise<Mail> => {
    const mail = opened.get(name) ?? readFile(join(directory, name)).then(parse)
    opened.set(name, mail)
    mail.catch(() => opened.delete(name))
    return mail
  }
  const mails = async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.eml')).sort()
    return Promise.all(names.map(mailIn))
  }
  return {
    routes: [
      serve(readMail, async ({ to }) => ({
        mails: (await mails()).filter((mail) => to === undefined || mail.to === to),
      })),
      serveRaw({
        method: 'GET',
        path: '/',
        handler: async ({ query, headers }) => {
          const wished = query.get('lang')
          if (wished === 'ja' || wished === 'en')
            return { status: 303, headers: { location: '/', 'set-cookie': `lang=${wished}; Path=/; SameSite=Lax` } }
          return {
            headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyFor(desk) },
            body: pageOf(await mails(), languageIn(headers['cookie'])),
          }
        },
      }),
      serveRaw({
        method: 'GET',
        path: '/follow.js',
        handler: async () => ({
          headers: { 'content-type': 'text/javascript; charset=utf-8' },
          body: await readFile(join(import.meta.dirname, 'follow.js')),
        }),
      }),
    ],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function parse(eml: Buffer): Promise<Mail> {
  const { subject = '', text = '', to, date = new Date(0) } = await simpleParser(eml)
  const receivers = (Array.isArray(to) ? to : to === undefined ? [] : [to]).map((one) => one.text).join(', ')
  return { to: receivers, subject, text, at: date.toISOString() }
}
