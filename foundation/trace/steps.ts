/** The 18 steps of the download, in the words of the ministry's paper of 28 March 2016 (参考資料5-2 別紙1). */
import type { ActorName } from '@mobile-jpki/refusal'

export interface StepOfTheDownload {
  readonly number: number
  readonly from: ActorName
  readonly to: ActorName
  readonly ja: string
  readonly en: string
}

// biome-ignore format: a table, one line each
export const steps = {
  '①': { number: 1, from: 'app-provider', to: 'phone', ja: 'JPKI-UIアプリをインストールする', en: 'the user installs the JPKI-UI app' },
  '②': { number: 2, from: 'user', to: 'sp-tsm', ja: '署名用電子証明書でダウンロードを申請する', en: 'application for download, signed with the My Number card' },
  '③': { number: 3, from: 'sp-tsm', to: 'jpki-system', ja: '署名用電子証明書の有効性を確認する', en: 'is the sign certificate valid?' },
  '④': { number: 4, from: 'sp-tsm', to: 'sp-tsm', ja: 'パスワードを登録し、アクセスコードを生成する', en: "registers the applicant's password, generates the access code" },
  '⑤': { number: 5, from: 'sp-tsm', to: 'user', ja: '申請完了を通知する', en: 'application complete' },
  '⑥': { number: 6, from: 'sp-tsm', to: 'jpki-system', ja: '利用者証明用電子証明書と鍵ペアを要求する', en: "asks for the phone's auth certificate and key pair" },
  '⑦': { number: 7, from: 'jpki-system', to: 'jpki-system', ja: '鍵ペアと利用者証明用電子証明書を生成する', en: 'generates key pair and certificate for the phone' },
  '⑧': { number: 8, from: 'jpki-system', to: 'jpki-system', ja: '署名用電子証明書のシリアル番号と紐付けて登録する', en: "registers it, linked to the serial number of the user's sign certificate" },
  '⑨': { number: 9, from: 'jpki-system', to: 'sp-tsm', ja: '登録結果を返す', en: 'registration result' },
  '⑩': { number: 10, from: 'sp-tsm', to: 'sp-tsm', ja: 'アクセスコードに発行状態を設定する', en: 'issuance status set against the access code' },
  '⑪': { number: 11, from: 'sp-tsm', to: 'user', ja: 'アクセスコードを送付する', en: 'access code sent by mail' },
  '⑫': { number: 12, from: 'user', to: 'jpki-ui', ja: 'JPKIデータの書込みを要求する', en: 'asks for the JPKI data to be written' },
  '⑬': { number: 13, from: 'jpki-ui', to: 'sp-tsm', ja: 'アクセスコードとパスワードを確認する', en: 'access code and password checked' },
  '⑭': { number: 14, from: 'sp-tsm', to: 'mno-tsm', ja: 'SIMへのJPKIアプレットの発行を要求する', en: 'asks for the JPKI applet to be issued to that SIM' },
  '⑮': { number: 15, from: 'mno-tsm', to: 'sim', ja: 'JPKIアプレットをダウンロードする', en: 'applet downloaded through the proxy agent' },
  '⑯': { number: 16, from: 'sp-tsm', to: 'jpki-system', ja: '電子証明書と秘密鍵を要求する', en: 'asks for certificate and private key' },
  '⑰': { number: 17, from: 'jpki-system', to: 'sp-tsm', ja: '電子証明書と秘密鍵を暗号化して渡す', en: 'hands them over, encrypted for that applet alone' },
  '⑱': { number: 18, from: 'sp-tsm', to: 'jpki-applet', ja: '鍵・電子証明書・暗証番号を書き込む', en: 'writes key, certificate and PIN through the secure channel' },
} as const satisfies Record<string, StepOfTheDownload>

export type Step = keyof typeof steps

export const isStep = (text: string): text is Step => Object.hasOwn(steps, text)
