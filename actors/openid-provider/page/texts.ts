/** Every word of the provider's pages, in both languages. */
import type { Language } from './language.ts'

const ja = {
  provider: '公的個人認証ログイン',
  otherLanguage: 'English',
  logInTo: (service: string) => `${service}にログイン`,
  withPhone: 'スマートフォンでログイン',
  scan: 'スマートフォンのカメラで読み取り、JPKI-UIアプリを開いてください。',
  qrCode: 'アプリを開くためのQRコード',
  openHere: 'このスマートフォンでアプリを開く',
  numberIs: 'アプリで、同じ数字を選んでください',
  numberWhy: '自分で開いたページでなければ、数字を選ばずに中止してください。',
  until: (time: string) => `受付は${time}まで`,
  waiting: 'スマートフォンでの操作を待っています。',
  answered: '確認できました。サービスに戻ります。',
  goOn: '続ける',
  withCard: 'このパソコンのカードリーダーでログイン',
  cardWhat:
    'マイナンバーカードまたはスマートフォンをカードリーダーに置いてから押してください。暗証番号は、ブラウザーがたずねます。',
  refused: 'ログインできませんでした',
  again: 'もう一度試す',
  back: (service: string) => `ログインせずに${service}へ戻る`,
  code: 'エラーコード',
  logOut: 'ログアウトしますか',
  logOutWhat: 'このブラウザーでログインしたすべてのサービスからログアウトします。',
  logOutYes: 'すべてログアウトする',
  logOutNo: 'ログインしたままにする',
  loggedOut: 'ログアウトしました',
  close: 'このページを閉じてください。',
  failed: 'このページは表示できません',
  failedWhat:
    'サービスの画面に戻り、もう一度ログインしてください。繰り返すときは、次の内容をサービスに伝えてください。',
  sessionGone:
    'ログインの受付が終わったか、別のブラウザーで始めたログインです。サービスの画面から、もう一度始めてください。',
  wrongRedirect: 'サービスが知らせた戻り先は、登録されたものと違います。偽のサイトのおそれがあるため、続けられません。',
  noCertificate: 'カードリーダーの電子証明書を受け取れませんでした。カードを置いて、もう一度お試しください。',
}

export type Texts = typeof ja

const en: Texts = {
  provider: 'JPKI login',
  otherLanguage: '日本語',
  logInTo: (service) => `Log in to ${service}`,
  withPhone: 'Log in with your phone',
  scan: 'Scan this with the camera of your phone, and open the JPKI-UI app.',
  qrCode: 'QR code that opens the app',
  openHere: 'Open the app on this phone',
  numberIs: 'Choose this number in the app',
  numberWhy: 'If you did not open this page yourself, choose no number and stop.',
  until: (time) => `Valid until ${time}`,
  waiting: 'Waiting for your phone.',
  answered: 'Confirmed. Going back to the service.',
  goOn: 'Continue',
  withCard: 'Log in with the card reader of this computer',
  cardWhat: 'Lay your My Number card or your phone on the reader first. Your browser asks the PIN.',
  refused: 'You could not be logged in',
  again: 'Try again',
  back: (service) => `Go back to ${service} without logging in`,
  code: 'Error code',
  logOut: 'Log out?',
  logOutWhat: 'You will be logged out of every service that you logged in to with this browser.',
  logOutYes: 'Log out of all of them',
  logOutNo: 'Stay logged in',
  loggedOut: 'You are logged out',
  close: 'You can close this page.',
  failed: 'This page cannot be shown',
  failedWhat: 'Go back to the service and log in again. If this stays, tell the service what is written here.',
  sessionGone: 'This login is over, or was begun in another browser. Begin again at the service.',
  wrongRedirect:
    'The service wants you to be sent to an address that is not registered for it. It may not be the service that it says: this ends here.',
  noCertificate: 'No certificate came from the card reader. Lay the card on it, and try again.',
}

export const texts: Readonly<Record<Language, Texts>> = { ja, en }
