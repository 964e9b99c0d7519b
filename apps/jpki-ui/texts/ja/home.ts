/** Home: what is in the SIM, what is under way, what can be done. */
export const state = {
  none: { label: '未登録', text: 'このSIMカードには、まだ電子証明書が入っていません。' },
  valid: (until: string) => ({ label: '有効', text: `${until}まで利用できます。` }),
  expired: (since: string) => ({ label: '期限切れ', text: `${since}に有効期間が終わりました。` }),
  blocked: { label: 'ロック中', text: '暗証番号を続けて間違えたため、利用できません。' },
  noSim: { label: 'SIMなし', text: 'スマートフォンにSIMカードが入っていません。SIMカードを入れてください。' },
  pinTries: '暗証番号',
  ofThisSim: 'このSIMカードの電子証明書',
}

export const homeScreen = {
  apply: '申請する',
  download: 'ダウンロード',
  certificate: '証明書を見る',
  unfinished: 'ダウンロードの途中です',
  unfinishedText: '前回の続きから、自動で進みます。',
  resume: '続きから',
  application: '申請の状況',
  appliedAt: '申請した日時',
}

/** What can be done, by what it is about. */
export const homeMenu = {
  label: 'メニュー',
  begin: 'はじめる',
  use: 'つかう',
  trouble: '困ったとき',
  life: { title: 'すべての手続き', text: 'SIMカードや機種の変更、更新、利用をやめるとき' },
  app: 'このアプリ',
  eligibility: { title: '利用できるかの確認', text: 'スマートフォンとSIMカードを調べます' },
  history: { title: '利用の履歴', text: 'このアプリで行ったことを確認します' },
  pin: { title: '暗証番号の変更', text: '今の暗証番号が分かるとき' },
  pinLess: { title: '暗証番号なしの利用', text: '認められた読取端末で、かざすだけで使います' },
  help: { title: 'ヘルプ', text: 'コードの意味と、どうすればよいか' },
  settings: { title: '設定', text: '言語、文字の大きさ、明るさ' },
  apply: { title: '申請する', text: 'マイナンバーカードを使って申し込みます' },
  download: { title: 'ダウンロード', text: 'アクセスコードを入力して書き込みます' },
  login: { title: 'リンクでログイン', text: 'QRコードを読み取れないとき、リンクを貼り付けます' },
  certificate: { title: '証明書を見る', text: '有効期間や発行者を確認します' },
}
