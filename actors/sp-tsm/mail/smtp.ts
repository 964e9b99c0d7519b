/** Letters by SMTP: RFC 5321; the message is RFC 5322, multipart/alternative (RFC 2046 §5.1.4), Auto-Submitted (RFC 3834 §5). */
import { Refusal } from '@mobile-jpki/refusal'
import { createTransport } from 'nodemailer'
import type { Mail } from '../domain/world.ts'
import { htmlOf, textOf, wordsOf } from './letters.ts'

export type { Mailing } from '../domain/world.ts'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly from: string
}

export function mailBy({ host, port, from }: SmtpSettings): Mail {
  // Without TLS only on this machine: nodemailer asks for STARTTLS wherever the server offers it.
  const local = host === '127.0.0.1' || host === 'localhost'
  const transport = createTransport({
    host,
    port,
    requireTLS: !local,
    ignoreTLS: local,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  })
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost'
  return {
    send: async (mailing) => {
      const words = wordsOf(mailing)
      try {
        await transport.sendMail({
          from,
          to: mailing.to,
          subject: words.subject,
          // A letter that is sent again because its acknowledgement was lost is known by this as the same.
          messageId: `<${mailing.id}@${domain}>`,
          text: textOf(words),
          html: htmlOf(words, mailing.language),
          headers: { 'Content-Language': mailing.language, 'Auto-Submitted': 'auto-generated' },
        })
      } catch (cause) {
        if (isRefusedForGood(cause))
          throw new Refusal('request.malformed', 'mail: the mail server takes no mail for this address.', { cause })
        throw new Refusal('peer.unreachable', 'The mail server does not take the mail.', { cause })
      }
    },
  }
}

/** The server knows no such addressee: what is answered by 5yz will be refused again. RFC 5321 §4.2.1. */
const isRefusedForGood = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'EENVELOPE' &&
  'responseCode' in error &&
  Number(error.responseCode) >= 500
