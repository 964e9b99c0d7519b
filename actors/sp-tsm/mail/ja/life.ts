/** Letters about a certificate in use, in Japanese. */
import type { LifeLetters } from '../letters.ts'
import { dayOf, frame, timeOf } from './frame.ts'

const stopIfNotYou = 'お心当たりのない場合は、ただちに利用を停止してください。'
const reasons = {
  simRenewed: 'SIMカードが新しくなりました。証明書はこれまでのSIMカードとともに終わります。',
  cardStopped:
    'マイナンバーカードが一時停止されたため、スマートフォンの証明書も停止しました。先に市区町村の窓口で新しいカードをお受け取りください。',
  cardEnded: 'マイナンバーカードの証明書が失効または更新されたため、スマートフォンの証明書は失効しました。',
} as const

export const life: LifeLetters = {
  expiring: ({ content }) => ({
    ...frame,
    subject: `【JPKI】証明書の有効期限まであと${content.days}日以内です`,
    facts: [['有効期限', dayOf(content.notAfter)]],
    paragraphs: [
      'スマートフォンの利用者証明用電子証明書の有効期限が近づいています。',
      'JPKI-UIアプリで「更新」を選び、マイナンバーカードで署名してください。窓口にお越しいただく必要はありません。',
    ],
  }),
  pinReset: () => ({
    ...frame,
    subject: '【JPKI】暗証番号が再設定されました',
    facts: [],
    paragraphs: [
      'スマートフォンの利用者証明用電子証明書の暗証番号が、マイナンバーカードの署名により再設定されました。',
      stopIfNotYou,
    ],
  }),
  stopped: ({ content }) => ({
    ...frame,
    subject: '【JPKI】利用を停止しました',
    facts: [['停止日時', timeOf(content.at)]],
    paragraphs: [
      'スマートフォンの利用者証明用電子証明書の利用を停止しました。この証明書ではログインできません。',
      'スマートフォンがお手元にある場合は、JPKI-UIアプリで「再開」を選び、マイナンバーカードで署名してください。見つからない場合は、廃止の手続きのうえ、もう一度申請してください。',
    ],
  }),
  resumed: ({ content }) => ({
    ...frame,
    subject: '【JPKI】利用を再開しました',
    facts: [['再開日時', timeOf(content.at)]],
    paragraphs: ['スマートフォンの利用者証明用電子証明書を再びご利用いただけます。', stopIfNotYou],
  }),
  ended: ({ content }) => ({
    ...frame,
    subject: '【JPKI】証明書が失効しました',
    facts: [['失効日時', timeOf(content.at)]],
    paragraphs: [
      'スマートフォンの利用者証明用電子証明書は失効しました。今後はご利用いただけません。',
      '再びご利用になるには、マイナンバーカードでもう一度申請してください。',
    ],
  }),
  deleted: ({ content }) => ({
    ...frame,
    subject: '【JPKI】SIMカードから消去しました',
    facts: [['消去日時', timeOf(content.at)]],
    paragraphs: ['SIMカードから鍵、証明書、暗証番号を消去し、SIMカードによる消去の証明を確認しました。'],
  }),
  bound: ({ content }) => ({
    ...frame,
    subject: '【JPKI】スマートフォンを登録しました',
    facts: [['機種', content.model]],
    paragraphs: ['マイナンバーカードの署名により、このスマートフォンでのご利用を登録しました。', stopIfNotYou],
  }),
  bindAgain: ({ content }) => ({
    ...frame,
    subject: '【JPKI】別のスマートフォンが使われています',
    facts: [['機種', content.model]],
    paragraphs: [
      'SIMカードが登録と異なるスマートフォンに入っています。',
      'ご本人の場合は、そのスマートフォンのJPKI-UIアプリで、マイナンバーカードを使って登録してください。',
      stopIfNotYou,
    ],
  }),
  applyAgain: ({ content }) => ({
    ...frame,
    subject: '【JPKI】もう一度申請してください',
    facts: [],
    paragraphs: [reasons[content.because], 'JPKI-UIアプリで、マイナンバーカードを使ってもう一度申請してください。'],
  }),
  numberChanged: ({ content }) => ({
    ...frame,
    subject: '【JPKI】電話番号の変更を記録しました',
    facts: [['新しい番号', `…${content.lastDigits}`]],
    paragraphs: ['証明書は引き続きご利用いただけます。', stopIfNotYou],
  }),
}
