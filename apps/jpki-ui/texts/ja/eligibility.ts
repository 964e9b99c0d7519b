/** Can this phone and its SIM take the certificate? */
import type { Hindering, Part } from '../../domain/index.ts'

const hindrance: Readonly<Record<Hindering, { readonly text: string; readonly whatToDo: string }>> = {
  noSim: { text: 'SIMカードが入っていません。', whatToDo: 'SIMカードを入れてから、もう一度確認してください。' },
  noReader: {
    text: 'マイナンバーカードを読み取る機能（NFC）がありません。',
    whatToDo: 'パソコンとカードリーダーで申請できます。',
  },
  noAccess: {
    text: 'SIMカードのアクセス規則が、このアプリの利用を許可していません。',
    whatToDo: '公式の配布元からアプリを入れ直してください。直らないときは、携帯電話会社にお問い合わせください。',
  },
  carrierUnknown: {
    text: 'この携帯電話会社は、このサービスに対応していません。',
    whatToDo: '対応する携帯電話会社のSIMカードが必要です。',
  },
  simUnknown: {
    text: '携帯電話会社に、このSIMカードの記録がありません。',
    whatToDo: 'SIMカードを発行した携帯電話会社にお問い合わせください。',
  },
  simOfAnotherCarrier: {
    text: 'このSIMカードは、別の携帯電話会社のものです。',
    whatToDo: 'スマートフォンの契約と、入っているSIMカードを確認してください。',
  },
  simDisposed: {
    text: 'このSIMカードは、廃止されています。',
    whatToDo: '新しいSIMカードの発行を、携帯電話会社に依頼してください。',
  },
  simMemory: {
    text: 'SIMカードの空き容量が足りません。',
    whatToDo: '容量の大きいSIMカードへの交換を、携帯電話会社に依頼してください。',
  },
  simRsa: {
    text: 'SIMカードが、必要な暗号（RSA 2048ビット）を計算できません。',
    whatToDo: '対応するSIMカードへの交換を、携帯電話会社に依頼してください。',
  },
  simKeyMode: {
    text: 'SIMカードの中では、鍵を作れません。',
    whatToDo: '「JPKIシステムで作る」を選んでください。',
  },
  simBearer: {
    text: 'このSIMカードには、無線で書き込めません。',
    whatToDo: '対応するSIMカードを、携帯電話会社にお問い合わせください。',
  },
  deviceUnknown: {
    text: 'この機種は、対応機種ではありません。',
    whatToDo: '対応機種を、携帯電話会社のサイトで確認してください。',
  },
  deviceLocked: {
    text: 'このスマートフォンには、別の携帯電話会社のSIMロックがかかっています。',
    whatToDo: '購入した携帯電話会社で、SIMロックを解除してください。',
  },
  deviceSystem: {
    text: 'スマートフォンの基本ソフト（OS）の版が足りません。',
    whatToDo: 'OSを更新してから、もう一度確認してください。',
  },
}

const parts: Readonly<Record<Part, string>> = {
  phone: 'スマートフォン',
  nfc: 'マイナンバーカードの読み取り',
  sim: 'SIMカード',
  access: 'アプリからSIMカードへのアクセス',
  carrier: '携帯電話会社',
}

export const eligibility = {
  title: '利用できるかの確認',
  text: 'このスマートフォンとSIMカードで、電子証明書を使えるかどうかを確認します。申請の前に、いつでも確認できます。',
  checking: '携帯電話会社に確認しています',
  yes: 'このスマートフォンで利用できます',
  yesText: '申請に進めます。契約がご本人のものであることは、申請のときに確認します。',
  no: 'このままでは利用できません',
  noText: '下の項目を確認してください。',
  met: '問題ありません',
  unmet: '利用できません',
  unasked: '確認できません',
  parts,
  hindrance,
  carrierSays: '携帯電話会社の説明（英語）',
  keys: 'このSIMカードで選べる、鍵の作り方',
  again: 'もう一度確認する',
}
