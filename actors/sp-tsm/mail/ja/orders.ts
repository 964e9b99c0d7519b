/** Letters about an order, in Japanese. What a refusal means stands in the app; here it is told by its code. */
import type { OrderLetters } from '../letters.ts'
import { frame, timeOf } from './frame.ts'

export const orders: OrderLetters = {
  accessCode: ({ code = '', content }) => ({
    ...frame,
    subject: '【JPKI】アクセスコードのお知らせ',
    greeting: '利用者証明機能のダウンロードの申請を受け付けました。',
    facts: [
      ['アクセスコード', code],
      ['有効期限', timeOf(content.expires)],
    ],
    paragraphs: [
      'スマートフォンのJPKI-UIアプリで「ダウンロード」を選び、このコードと申請時のパスワードを入力してください。',
      'お心当たりのない場合は、このメールを破棄してください。コードだけでは何もできません。',
    ],
  }),
  completed: () => ({
    ...frame,
    subject: '【JPKI】ダウンロードが完了しました',
    facts: [],
    paragraphs: [
      'スマートフォンのSIMカードに利用者証明用電子証明書を格納しました。すぐにご利用いただけます。',
      'お心当たりのない場合は、ただちにアプリまたは窓口から利用を停止してください。',
    ],
  }),
  failed: ({ content }) => ({
    ...frame,
    subject: '【JPKI】ダウンロードを完了できませんでした',
    facts: [['理由コード', content.code]],
    paragraphs: [
      'ダウンロードを完了できませんでした。作成した鍵と証明書は破棄されます。',
      'JPKI-UIアプリで理由とご対応をご確認のうえ、もう一度申請してください。解決しない場合は、理由コードを添えて窓口にお問い合わせください。',
    ],
  }),
  expired: () => ({
    ...frame,
    subject: '【JPKI】アクセスコードの有効期限が切れました',
    facts: [],
    paragraphs: [
      '期限までにダウンロードが完了しなかったため、申請は終了しました。作成した鍵と証明書は破棄されます。',
      '引き続きご利用になる場合は、もう一度申請するか、窓口で新しいアクセスコードをお求めください。',
    ],
  }),
  cancelled: ({ content }) => ({
    ...frame,
    subject: '【JPKI】申請が取り消されました',
    facts: [],
    paragraphs: [
      content.by === 'operator'
        ? '窓口で申請が取り消されました。作成した鍵と証明書は破棄されます。'
        : '申請の取消しを受け付けました。作成した鍵と証明書は破棄されます。',
      'お心当たりのない場合は、窓口にお問い合わせください。',
    ],
  }),
}
