/** A site asks for a login. */
export const login = {
  title: 'ログインの確認',
  asks: '次のサイトがログインを求めています',
  origin: 'サイトのアドレス',
  warning: 'このサイトに心当たりがありますか',
  warningText: '自分で操作を始めていない場合や、アドレスが違う場合は、暗証番号を入力しないでください。',
  number: 'サイトの画面に表示されている番号',
  pin: '4桁の暗証番号',
  pinIncomplete: '4桁の数字を入力してください。',
  sign: 'ログインする',
  signing: '署名しています',
  cancel: '中止する',
  doneTitle: 'ログインしました',
  doneText: (name: string): string => `${name}の画面に戻ってください。`,
  serialNumber: '使った証明書のシリアル番号',
  endedTitle: 'ログインできませんでした',
  noCertificate: 'このSIMカードには電子証明書がありません。先に申請とダウンロードをしてください。',
}
