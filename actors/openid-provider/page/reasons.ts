/** Why a login was refused, in words for the person, and as OAuth says it to the service (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6). */
import { isRefusalCode, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import type { Language } from './language.ts'

// biome-ignore format: a table, one line each
const reasons = {
  'card.absent': { ja: 'カードリーダーの電子証明書を受け取れませんでした。カードを置いて、もう一度お試しください。', en: 'No certificate came from the card reader. Lay the card on it, and try again.' },
  'certificate.expired': { ja: '電子証明書の有効期間が過ぎています。更新してから、もう一度お試しください。', en: 'Your certificate has expired. Renew it first.' },
  'certificate.on-hold': { ja: '電子証明書は一時停止されています。解除してから、もう一度お試しください。', en: 'Your certificate is on hold. Have the hold released first.' },
  'certificate.revoked': { ja: '電子証明書は失効しています。新しい電子証明書の発行を受けてください。', en: 'Your certificate is revoked. Have a new one issued.' },
  'certificate.status-stale': { ja: '電子証明書が有効かどうかの情報が古く、確認できませんでした。しばらく待ってから、もう一度お試しください。', en: 'What is known about your certificate is out of date. Try again in a while.' },
  'certificate.status-unknown': { ja: '電子証明書が有効かどうかを確認できませんでした。しばらく待ってから、もう一度お試しください。', en: 'Nobody could say whether your certificate is valid. Try again in a while.' },
  'certificate.untrusted': { ja: '公的個人認証サービスの電子証明書ではありません。', en: 'This is not a certificate of the public personal authentication service.' },
  'certificate.wrong-policy': { ja: 'このサービスが求める電子証明書ではありません。求められたカードまたはスマートフォンの、利用者証明用の電子証明書をお使いください。', en: 'The service asks for another certificate: the user-authentication certificate of the card, or of the phone, that it names.' },
  'login.expired': { ja: '受付時間が過ぎました。もう一度お試しください。', en: 'The time for this login is over. Try again.' },
  'login.signature-invalid': { ja: '電子署名を確認できませんでした。もう一度お試しください。', en: 'Your signature could not be verified. Try again.' },
  'login.wrong-number': { ja: 'アプリで選ばれた数字が、このページの数字と違いました。自分で選んだのでなければ、続けないでください。', en: 'The number chosen in the app is not the one on this page. If you did not choose it yourself, do not go on.' },
  'peer.unreachable': { ja: 'JPKIシステムに接続できません。しばらく待ってから、もう一度お試しください。', en: 'The JPKI system cannot be reached. Try again in a while.' },
} as const satisfies Partial<Record<RefusalCode, Readonly<Record<Language, string>>>>

const otherwise = { ja: 'もう一度お試しください。', en: 'Try again.' } as const

export const reasonOf = (code: string, language: Language): string =>
  (Object.hasOwn(reasons, code) ? reasons[code as keyof typeof reasons] : otherwise)[language]

const notNow: readonly string[] = [
  'certificate.status-stale',
  'certificate.status-unknown',
  'peer.failed',
  'peer.unreachable',
  'store.busy',
]

/** `error` and `error_description`; the latter opens with our code and has none of the characters that RFC 6749 leaves out. */
export function oauthErrorOf(code: string): { readonly error: string; readonly error_description: string } {
  const sentence = isRefusalCode(code) ? refusals[code].sentence : 'The login was refused.'
  const error = notNow.includes(code)
    ? 'temporarily_unavailable'
    : code === 'certificate.wrong-policy'
      ? 'unmet_authentication_requirements'
      : 'access_denied'
  return { error, error_description: `${code}: ${sentence.replaceAll('’', "'")}` }
}
