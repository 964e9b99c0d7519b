/** ② The application, and how far it is. */
export const apply = {
  title: '申請',
  steps: ['連絡先とパスワード', 'マイナンバーカード', '完了'],
  step: (now: number, all: number): string => `${all}ステップ中${now}`,
  sent: '送信する内容',
  sentText: '次の内容に、マイナンバーカードの署名用電子証明書で電子署名をして送ります。',
  carrier: '携帯電話会社',
  msisdn: '電話番号',
  iccid: 'SIMカードの番号（ICCID）',
  device: '機種',
  already: 'このSIMカードには、すでに電子証明書が入っています。新しく申請する必要はありません。',
  mail: 'メールアドレス',
  mailHint: 'アクセスコードをお送りします。',
  password: 'パスワード',
  passwordHint: '8文字以上。ダウンロードのときにもう一度入力します。',
  passwordAgain: 'パスワード（確認）',
  strength: {
    short: '短すぎます',
    weak: '推測されやすいパスワードです',
    good: '十分な強さです',
    strong: '強いパスワードです',
  },
  consent: '利用規約に同意し、署名用電子証明書に記載された氏名・住所・生年月日・性別を提出します',
  next: '次へ',
  hold: 'マイナンバーカードをかざす',
  holdText: 'スマートフォンの背面に、マイナンバーカードを当ててください。完了するまで動かさないでください。',
  cardFound: 'カードを検出しました',
  cardMissing: 'カードが見つかりません。当て直してください。',
  signPassword: '署名用パスワード',
  signPasswordHint:
    '市区町村の窓口で設定した6文字から16文字の英数字です。小文字は大文字に変わります。5回間違えるとロックされます。',
  send: '署名して送信する',
  sending: 'カードで署名し、送信しています。カードを動かさないでください。',
  doneTitle: '申請完了',
  doneText: '申請を受け付けました。',
  nextSteps: 'これからの流れ',
  nextStep: (mail: string): readonly string[] => [
    'マイナンバーカードの署名用電子証明書が有効であることを確認し、証明書を作成します。',
    `アクセスコードを ${mail} に送ります。`,
    'このアプリの「ダウンロード」で、アクセスコードと先ほどのパスワードを入力します。',
  ],
  toDownload: 'ダウンロードへ進む',
  codeValid: 'アクセスコードは14日間有効です。',
  problem: {
    mail: 'メールアドレスの形式で入力してください。',
    passwordShort: 'パスワードは8文字以上で入力してください。',
    passwordSimple: '同じ文字の繰り返しが多すぎます。4種類以上の文字を使ってください。',
    passwordLong: 'パスワードは128文字以内で入力してください。',
    passwordAgain: '2つのパスワードが同じではありません。',
    consent: '申請するには、同意が必要です。',
    signPassword: '6文字から16文字の英数字で入力してください。',
  },
}

export const order = {
  applied: '申請を受け付け、内容を確認しています。',
  verified: '本人であることを確認しました。証明書を作成しています。',
  certified: '証明書を作成しました。アクセスコードをメールで送っています。',
  codeSent: 'アクセスコードをメールで送りました。',
  authenticated: 'ダウンロードの途中です。',
  domainReady: 'ダウンロードの途中です。',
  appletInstalled: 'ダウンロードの途中です。',
  delivered: 'ダウンロードの途中です。',
  active: 'ダウンロードは完了しています。',
  refused: '申請は受け付けられませんでした。',
  expired: 'アクセスコードの有効期限が切れました。もう一度申請してください。',
  cancelled: '申請は取り消されました。',
  failed: 'ダウンロードは完了しませんでした。もう一度申請してください。',
}

export const orderUnknown: string = '申請が届いていません。もう一度申請してください。'

export const orderUnreachable: string = '接続を待っています。状況は自動で更新されます。'
