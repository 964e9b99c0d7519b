/** The persons' mailbox, for development: takes mail by SMTP (RFC 5321) and shows it. It is the addressee's, not the system's. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve, serveRaw } from '@mobile-jpki/service'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { readMail } from '../contract.ts'

export interface Mailbox {
  readonly routes: readonly Route[]
  close(): Promise<void>
}

const largestMail = 1 << 20

export async function openMailbox(directory: string, port: number): Promise<Mailbox> {
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
        handler: async () => ({
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
          },
          body: pageOf(await mails()),
        }),
      }),
    ],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly at: string
}

async function parse(eml: Buffer): Promise<Mail> {
  const { subject = '', text = '', to, date = new Date(0) } = await simpleParser(eml)
  const receivers = (Array.isArray(to) ? to : to === undefined ? [] : [to]).map((one) => one.text).join(', ')
  return { to: receivers, subject, text, at: date.toISOString() }
}

/** An access code is to be read off and copied in one piece. */
const withCodes = (text: string): string =>
  escaped(text).replaceAll(/[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z*~$=]/g, (code) => `<b>${code}</b>`)

const style = `body{font:1rem/1.7 "Noto Sans JP","Noto Sans CJK JP",system-ui,sans-serif;letter-spacing:.02em;max-width:44rem;margin:0 auto;padding:2rem 1rem;color:#1a1a1a;background:#f2f2f2}
h1{font-size:1.625rem;line-height:1.4;margin:0 0 1.5rem}h1 small{display:block;color:#666;font-size:.875rem;font-weight:400}
article{background:#fff;border:1px solid #ccc;border-radius:12px;padding:1.25rem 1.5rem;margin:1rem 0}
h2{font-size:1.125rem;line-height:1.5;margin:0}p{color:#666;font-size:.875rem;margin:.25rem 0 1rem;padding-bottom:1rem;border-bottom:1px solid #ccc}
pre{white-space:pre-wrap;font:inherit;margin:0}b{white-space:nowrap;font-family:"Noto Sans Mono",ui-monospace,monospace;user-select:all;background:#e8f1fe;border-radius:4px;padding:.1em .4em}
.none{text-align:center;color:#666;padding:3rem 1rem}`

const pageOf = (mails: readonly Mail[]): string => `<!doctype html><html lang="ja"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="3"><title>メール（開発用）</title>
<style>${style}</style><h1>メール<small>開発用の受信箱 <span lang="en">Mailbox for development</span></small></h1>${
  mails.length === 0 ? '<div class="none">まだ届いていません。<br><span lang="en">Nothing yet.</span></div>' : ''
}${mails
  .toReversed()
  .map(
    ({ to, subject, text, at }) =>
      `<article><h2>${escaped(subject)}</h2><p>${escaped(to)}<br><time datetime="${at}">${inJapan(at)}</time></p><pre>${withCodes(text)}</pre></article>`,
  )
  .join('')}</html>`

const inJapan = (at: string): string =>
  `${new Date(at).toLocaleString('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'medium' })}（日本時間）`
