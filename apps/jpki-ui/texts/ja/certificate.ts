/** The certificate in the SIM. */
export const certificate = {
  title: '証明書',
  none: 'このSIMカードには、電子証明書が入っていません。',
  serialNumber: 'シリアル番号',
  subject: '主体者',
  issuer: '発行者',
  notBefore: '有効期間の開始',
  notAfter: '有効期間の終了',
  triesLeft: '暗証番号の残り回数',
  save: 'PEM形式で保存する',
  notice: '利用者証明用電子証明書には、氏名や住所は記載されていません。',
}
