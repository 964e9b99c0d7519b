/** What stands on every screen: the frame, tries and dates, the keys for a PIN. */
import { type ActorName, actors } from '@mobile-jpki/refusal'

export const frame = {
  language: 'ja',
  app: 'JPKI-UIアプリ',
  subtitle: '利用者証明用電子証明書',
  back: '戻る',
  home: 'ホームへ戻る',
  again: 'もう一度試す',
  loading: '確認しています',
  show: '表示する',
  hide: '隠す',
  required: '必須',
  comma: '、',
  code: 'コード',
  detail: '詳しい内容（英語）',
  whose: (actor: ActorName): string => `対応する窓口: ${actors[actor].ja}`,
  triesLeft: (count: number): string => (count === 0 ? '入力できません' : `あと${count}回入力できます`),
  date: (date: Date): string => date.toLocaleDateString('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long' }),
  instant: (date: Date): string =>
    `${date.toLocaleString('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'medium' })}（日本時間）`,
  noSuchScreen: { title: '画面が見つかりません', text: 'リンクが正しくないか、古くなっています。' },
  pinPad: { erase: '1文字消す', entered: (count: number): string => `${count}桁入力しました` },
}
