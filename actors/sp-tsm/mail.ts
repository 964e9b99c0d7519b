/** ⑪: the access code by SMTP (RFC 5321). */
import { Refusal } from '@mobile-jpki/refusal'
import { createTransport } from 'nodemailer'
import type { Mail } from './domain/world.ts'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly from: string
}

export function mailBy({ host, port, from }: SmtpSettings): Mail {
  // Without TLS only on this machine: nodemailer asks for STARTTLS wherever the server offers it.
  const local = host === '127.0.0.1' || host === 'localhost'
  const transport = createTransport({ host, port, requireTLS: !local, ignoreTLS: local, connectionTimeout: 10_000 })
  return {
    sendAccessCode: async (to, code, expires) => {
      try {
        await transport.sendMail({
          from,
          to,
          subject: '【JPKI】アクセスコードのお知らせ / Your access code',
          text: textOf(code, expires),
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

const textOf = (code: string, expires: Date): string => {
  const ja = expires.toLocaleString('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'short' })
  return `利用者証明機能のダウンロードの申請を受け付けました。

アクセスコード: ${code}
有効期限: ${ja}（日本時間）

スマートフォンのJPKI-UIアプリで「ダウンロード」を選び、このコードと申請時のパスワードを入力してください。
お心当たりのない場合は、このメールを破棄してください。コードだけでは何もできません。

Your application for the download has been accepted.

Access code: ${code}
Valid until: ${expires.toISOString().slice(0, 16).replace('T', ' ')} UTC

Open the JPKI-UI app on your phone, choose "Download", and enter this code with the password of your application.
`
}
