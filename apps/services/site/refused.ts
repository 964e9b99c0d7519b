/** Every no that a page can show: what happened and what to do, in both languages. The code stays as it is everywhere. */
import { isRefusalCode, Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import type { Language } from './language.ts'

export interface Explanation {
  readonly sentence: string
  readonly whatToDo: string
}

const again = 'しばらく待ってから、もう一度お試しください。'
const begin = 'この画面から、もう一度始めてください。'
const beginEn = 'Start again from this page.'

/** Refusals of our own, besides those that every actor has. */
// biome-ignore format: a table, one line each
const own = {
  'account.another': {
    ja: { sentence: 'ログインした人とは別の電子証明書で確認されました。', whatToDo: 'ログインに使ったものと同じスマートフォンで、もう一度確認してください。' },
    en: { sentence: 'This was confirmed with the certificate of somebody else.', whatToDo: 'Confirm it again with the phone that you logged in with.' },
  },
  'amount.too-high': {
    ja: { sentence: '残高または利用限度額を超えています。', whatToDo: '金額を確かめて、もう一度入力してください。' },
    en: { sentence: 'This is more than the balance or the limit.', whatToDo: 'Check the amount and enter it again.' },
  },
  'form.incomplete': {
    ja: { sentence: '入力されていないか、形式の違う欄があります。', whatToDo: '戻って、すべての欄を確かめてください。' },
    en: { sentence: 'A field is empty or has another form.', whatToDo: 'Go back and check every field.' },
  },
  'login.cancelled': {
    ja: { sentence: 'ログインは取りやめられました。', whatToDo: begin },
    en: { sentence: 'The login was cancelled.', whatToDo: beginEn },
  },
  'member.unknown': {
    ja: { sentence: 'みほんクレジットの会員ではありません。', whatToDo: '最初の画面から入会してください。' },
    en: { sentence: 'You are no member of Sample Credit.', whatToDo: 'Join from the first page.' },
  },
  'page.unknown': {
    ja: { sentence: 'このページはありません。', whatToDo: '最初の画面から、やり直してください。' },
    en: { sentence: 'There is no such page.', whatToDo: 'Begin at the first page.' },
  },
  'session.none': {
    ja: { sentence: 'ログインしていないか、ログインしてから時間が経ちました。', whatToDo: 'もう一度ログインしてください。' },
    en: { sentence: 'You are not logged in, or no longer.', whatToDo: 'Log in again.' },
  },
} as const

export type OwnCode = keyof typeof own
export const ownCodes = Object.keys(own) as OwnCode[]

/** A no of the service itself. */
export class Declined extends Error {
  override readonly name = 'Declined'
  readonly code: OwnCode

  constructor(code: OwnCode) {
    super(own[code].en.sentence)
    this.code = code
  }
}

// biome-ignore format: a table, one line each
const japanese: Partial<Record<RefusalCode, Explanation>> = {
  'caller.not-allowed': { sentence: 'この操作は許可されていません。', whatToDo: begin },
  'card.absent': { sentence: 'カードもスマートフォンも、かざされていません。', whatToDo: '読取端末にかざして、もう一度お試しください。' },
  'card.refused': { sentence: 'カードが処理を受け付けませんでした。', whatToDo: 'もう一度かざしてください。' },
  'card.wrong-kind': { sentence: 'この手続きに使えるカードではありません。', whatToDo: 'マイナンバーカードか、利用者証明用電子証明書の入ったスマートフォンを使ってください。' },
  'certificate.expired': { sentence: '電子証明書の有効期間が過ぎています。', whatToDo: '電子証明書を更新してから、もう一度お試しください。' },
  'certificate.on-hold': { sentence: '電子証明書は一時停止されています。', whatToDo: '一時停止を解除してから、もう一度お試しください。' },
  'certificate.revoked': { sentence: '電子証明書は失効しています。', whatToDo: '新しい電子証明書の発行を受けてください。' },
  'certificate.status-stale': { sentence: '失効の情報が古く、電子証明書が有効かどうかを確認できませんでした。', whatToDo: again },
  'certificate.status-unknown': { sentence: '電子証明書が有効かどうかを確認できませんでした。', whatToDo: again },
  'certificate.untrusted': { sentence: '公的個人認証サービスの電子証明書ではありません。', whatToDo: '公的個人認証サービスの電子証明書を使ってください。' },
  'certificate.wrong-policy': { sentence: '利用者証明用の電子証明書ではありません。', whatToDo: '利用者証明用の電子証明書を使ってください。' },
  'conditions.not-satisfied': { sentence: '今はこの操作ができません。', whatToDo: '最初の画面から、やり直してください。' },
  'login.expired': { sentence: '受付時間が過ぎました。', whatToDo: begin },
  'login.origin-mismatch': { sentence: '別のサイトのために署名されたものです。', whatToDo: 'サイトのアドレスを確かめてから、もう一度始めてください。' },
  'login.signature-invalid': { sentence: '電子署名を確認できませんでした。', whatToDo: begin },
  'login.wrong-number': { sentence: 'アプリで選ばれた番号が、この画面の番号と違います。', whatToDo: begin },
  'not-supported': { sentence: 'この方法には対応していません。', whatToDo: '別の方法をお試しください。' },
  'peer.failed': { sentence: '接続先で処理ができませんでした。', whatToDo: again },
  'peer.unreachable': { sentence: '接続先が応答しません。', whatToDo: again },
  'pin-less.off': { sentence: '暗証番号なしの利用が、オフになっています。', whatToDo: 'アプリの設定で、暗証番号なしの利用をオンにしてください。' },
  'pin-less.unavailable': { sentence: 'このカードは、暗証番号なしでは使えません。', whatToDo: '暗証番号を使う方法をお選びください。' },
  'pin.blocked': { sentence: '続けて間違えたため、暗証番号がロックされています。', whatToDo: 'アプリで暗証番号を再設定してください。' },
  'pin.malformed': { sentence: '暗証番号の形式が違います。', whatToDo: '4桁の数字を入力してください。' },
  'pin.wrong': { sentence: '暗証番号が違います。', whatToDo: '残りの回数に注意して、もう一度入力してください。' },
  'possession.invalid': { sentence: '電子署名が、電子証明書と合いません。', whatToDo: 'もう一度かざしてください。' },
  'rate.exceeded': { sentence: 'ただいま混み合っています。', whatToDo: again },
  'reference.not-found': { sentence: '該当する受付が見つかりません。', whatToDo: begin },
  'request.expired': { sentence: '時間が経ちすぎました。', whatToDo: begin },
  'request.malformed': { sentence: '送られた内容の形式が正しくありません。', whatToDo: begin },
  'request.method-not-allowed': { sentence: 'この方法では受け付けられません。', whatToDo: begin },
  'request.replayed': { sentence: 'この受付は、すでに終わっています。', whatToDo: begin },
  'request.too-large': { sentence: '送られた内容が大きすぎます。', whatToDo: begin },
  'terminal.revoked': { sentence: 'この読取端末は、失効しています。', whatToDo: '別の読取端末を使ってください。' },
  'terminal.untrusted': { sentence: 'この読取端末は、暗証番号なしの読み取りを認められていません。', whatToDo: '暗証番号を使うか、別の読取端末を使ってください。' },
}

/** To a visitor of a web page some of them mean another thing than to a program. */
// biome-ignore format: a table, one line each
const english: Partial<Record<RefusalCode, Explanation>> = {
  'caller.not-allowed': { sentence: 'This came from a page of another site.', whatToDo: beginEn },
  'card.absent': { sentence: 'Neither a card nor a phone lies on the terminal.', whatToDo: 'Hold it against the terminal and try again.' },
  'certificate.status-unknown': { sentence: refusals['certificate.status-unknown'].sentence, whatToDo: 'Wait a little, then try again.' },
  'conditions.not-satisfied': { sentence: 'This is not possible now.', whatToDo: 'Begin at the first page.' },
  'pin.wrong': { sentence: refusals['pin.wrong'].sentence, whatToDo: 'Mind the tries that are left, then enter it again.' },
  'reference.not-found': { sentence: 'There is no such request.', whatToDo: beginEn },
  'request.replayed': { sentence: 'This is over already.', whatToDo: beginEn },
}

const fault = {
  ja: { sentence: 'このサイトで処理ができませんでした。', whatToDo: again },
  en: { sentence: 'This site failed.', whatToDo: 'Wait a little, then try again.' },
} as const

export function explanationOf(code: string, language: Language): Explanation {
  if (Object.hasOwn(own, code)) return own[code as OwnCode][language]
  if (!isRefusalCode(code)) return fault[language]
  return language === 'ja' ? (japanese[code] ?? fault.ja) : (english[code] ?? refusals[code])
}

export interface No {
  readonly code: string
  /** For whoever wants to know more: English, and only where it says more than the sentence. */
  readonly detail?: string
  readonly triesLeft?: number
}

/** Anything but a refusal is a fault of the site, and says no more than that. */
export function noOf(error: unknown): No {
  if (error instanceof Declined) return { code: error.code }
  if (!(error instanceof Refusal)) return { code: 'internal' }
  const { code, message, triesLeft } = error
  return {
    code,
    ...(message !== refusals[code].sentence && { detail: message }),
    ...(triesLeft !== undefined && { triesLeft }),
  }
}
