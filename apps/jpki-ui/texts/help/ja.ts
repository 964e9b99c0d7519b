/** Help: what a code means, what to do, and whose it is. */
import type { Owner } from './owners.ts'

const owners: Readonly<Record<Owner, { readonly name: string; readonly text: string }>> = {
  you: { name: 'あなた', text: 'このアプリやマイナンバーカードで、ご自身で対応できます。' },
  municipality: {
    name: '市区町村の窓口',
    text: '住民票のある市区町村の窓口で、マイナンバーカードと電子証明書の手続きができます。',
  },
  carrier: {
    name: '携帯電話会社',
    text: 'SIMカードと契約のことは、携帯電話会社が対応します。コードを伝えてください。',
  },
  site: {
    name: '利用先のサービス',
    text: 'ログインや確認を求めたサービスが対応します。サービスの画面から、やり直してください。',
  },
  desk: {
    name: 'ダウンロードの窓口（SP-TSM）',
    text: '申請とダウンロードを管理する窓口が対応します。申請した日時とコードを伝えてください。暗証番号やパスワードを聞くことはありません。',
  },
  operator: {
    name: 'システムの運用者',
    text: 'ご自身で行うことはありません。しばらく待ってから、もう一度お試しください。続くときは、ダウンロードの窓口にコードを伝えてください。',
  },
}

export const help = {
  title: 'ヘルプ',
  text: 'うまくいかないときは、画面に表示されたコードから、理由とどうすればよいかを調べられます。',
  find: 'コードまたは言葉で探す',
  findHint: '例: pin.blocked、暗証番号',
  found: (count: number): string => `${count}件見つかりました`,
  nothing: '見つかりません。別の言葉で探してください。',
  often: 'よくある場合',
  all: 'すべてのコード',
  showAll: (count: number): string => `${count}件のコードをすべて見る`,
  codeTitle: 'コードの説明',
  meaning: '意味',
  whatToDo: 'どうすればよいか',
  whose: 'だれが対応するか',
  owners,
  unknown: 'このコードは、このアプリにありません。',
  toAll: 'ほかのコードを探す',
  explain: 'コードの説明',
  close: '閉じる',
  next: {
    pinReset: '暗証番号を再設定する',
    apply: '申請する',
    download: 'ダウンロードへ進む',
    eligibility: '利用できるかを確認する',
    rebind: 'このスマートフォンを登録する',
    found: '利用を再開する',
    renew: '証明書を更新する',
    life: '証明書の状況と手続きを見る',
    pinLess: '暗証番号なしの利用を設定する',
  },
}
