/** Times and the frame of every letter in Japanese. */
const clock = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'short' })
const day = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long' })

export const timeOf = (at: string): string => `${clock.format(new Date(at))}（日本時間）`
export const dayOf = (at: string): string => day.format(new Date(at))

export const frame = {
  greeting: '利用者証明機能をご利用いただきありがとうございます。',
  signature:
    'スマートフォン用利用者証明機能 ダウンロード管理 (SP-TSM)\nこのメールは送信専用です。暗証番号やパスワードをメールでお尋ねすることはありません。',
}
