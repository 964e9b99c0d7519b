/** What a refusal says to the person, in both languages; the codes stay as they are everywhere. */
import { type Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'

export interface Explanation {
  readonly sentence: string
  readonly whatToDo: string
}

const report = 'しばらく待ってからもう一度お試しください。続く場合は、コードを添えて窓口にお問い合わせください。'

// biome-ignore format: a table, one line each
const japanese: Readonly<Record<RefusalCode, Explanation>> = {
  'application.cancelled': { sentence: '申請は取り消されました。', whatToDo: 'ご利用になる場合は、もう一度申請してください。' },
  'application.signature-invalid': { sentence: '申請の電子署名を確認できませんでした。', whatToDo: 'マイナンバーカードで、もう一度署名してください。' },
  'application.wrong-signer': { sentence: '申請に署名できない証明書です。', whatToDo: 'マイナンバーカードの署名用電子証明書で署名してください。' },
  'caller.not-allowed': { sentence: 'この操作は許可されていません。', whatToDo: report },
  'card.absent': { sentence: 'カードが応答しません。', whatToDo: 'マイナンバーカードを当て直すか、SIMカードが入っていることを確認して、もう一度お試しください。' },
  'card.refused': { sentence: 'カードが処理を受け付けませんでした。', whatToDo: report },
  'card.wrong-kind': { sentence: 'この手続きに使えるカードではありません。', whatToDo: '署名用電子証明書の入ったマイナンバーカードを使ってください。' },
  'carrier.elsewhere': { sentence: 'この携帯電話会社は、別の窓口で扱われています。', whatToDo: report },
  'ceremony.approval-invalid': { sentence: 'キーセレモニーの承認を確認できませんでした。', whatToDo: report },
  'ceremony.not-approved': { sentence: 'キーセレモニーの承認が足りません。', whatToDo: report },
  'certificate.already-revoked': { sentence: '電子証明書は、すでに失効しています。', whatToDo: '手続きは必要ありません。' },
  'certificate.expired': { sentence: '電子証明書の有効期間が過ぎています。', whatToDo: '電子証明書を更新してから、もう一度お試しください。' },
  'certificate.on-hold': { sentence: '電子証明書は一時停止されています。', whatToDo: '一時停止を解除してから、もう一度お試しください。' },
  'certificate.profile-violation': { sentence: '発行しようとした電子証明書が様式に合いません。', whatToDo: '電子証明書は発行されていません。時間をおいても直らないときは、表示された相手に連絡してください。' },
  'certificate.revoked': { sentence: '電子証明書は失効しています。', whatToDo: '新しい電子証明書の発行を受けてください。' },
  'certificate.status-stale': { sentence: '電子証明書の有効性について、古い情報しか確認できませんでした。', whatToDo: 'しばらく待ってから、もう一度お試しください。' },
  'certificate.status-unknown': { sentence: '電子証明書が有効かどうかを確認できませんでした。', whatToDo: 'しばらく待ってから、もう一度お試しください。' },
  'certificate.untrusted': { sentence: '公的個人認証サービスの電子証明書ではありません。', whatToDo: '公的個人認証サービスの電子証明書を使ってください。' },
  'certificate.wrong-policy': { sentence: 'この手続きには使えない種類の電子証明書です。', whatToDo: 'この手続きのための電子証明書を使ってください。' },
  'code.expired': { sentence: 'アクセスコードの有効期限が切れています。', whatToDo: 'もう一度申請してください。' },
  'code.locked': { sentence: '続けて間違えたため、アクセスコードがロックされました。', whatToDo: '窓口に、新しいアクセスコードの発行を依頼してください。' },
  'code.used': { sentence: 'このアクセスコードは使用済みです。', whatToDo: 'もう一度ダウンロードするには、新しく申請してください。' },
  'code.wrong': { sentence: 'アクセスコードが違います。', whatToDo: 'メールに書かれたアクセスコードを、もう一度入力してください。' },
  'conditions.not-satisfied': { sentence: '今はこの操作ができません。', whatToDo: 'ホームで現在の状況を確認してください。' },
  'delegation.not-granted': { sentence: '携帯電話会社が認めていない操作です。', whatToDo: report },
  'delegation.receipt-invalid': { sentence: 'SIMカードからの受領証を確認できませんでした。', whatToDo: 'このSIMカードでは先に進めません。携帯電話会社にお問い合わせください。' },
  'device.not-eligible': { sentence: 'このスマートフォンでは利用できません。', whatToDo: '対応機種をご利用ください。足りない条件は、詳しい内容に書かれています。' },
  'device.not-the-bound-one': { sentence: '申請したときのスマートフォンではありません。', whatToDo: '申請したときのスマートフォンを使ってください。機種変更やアプリの再インストールの後は、マイナンバーカードでこのスマートフォンを登録し直してください。' },
  'journal.broken': { sentence: '監査記録が署名されたものと一致しません。', whatToDo: '監査記録を検証してください（./jpki audit verify）。' },
  'key.already-there': { sentence: '同じ名前の鍵がすでにあります。', whatToDo: report },
  'key.not-found': { sentence: '鍵が見つかりません。', whatToDo: report },
  'key.unfit': { sentence: '証明できない鍵です。', whatToDo: report },
  'key.wrong-kind': { sentence: '鍵の種類が違います。', whatToDo: report },
  'login.expired': { sentence: 'ログインの受付時間が過ぎました。', whatToDo: 'サイトの画面から、もう一度ログインを始めてください。' },
  'login.origin-mismatch': { sentence: 'ログインを求めたサイトと、実際の接続先が違います。', whatToDo: '先に進まないでください。サイトのアドレスを確かめ、正しいサイトからやり直してください。' },
  'login.signature-invalid': { sentence: 'ログインの電子署名を確認できませんでした。', whatToDo: 'サイトの画面から、もう一度ログインを始めてください。' },
  'login.wrong-number': { sentence: '選んだ番号が、サイトの画面の番号と違います。', whatToDo: 'ご自分で開いた画面でなければ、先に進まないでください。ご自分の操作であれば、サイトの画面から、もう一度始めてください。' },
  'not-supported': { sentence: 'この方法には対応していません。', whatToDo: '対応している方法を選んでください。' },
  'password.weak': { sentence: '推測されやすいパスワードです。', whatToDo: 'もっと長く、いろいろな文字を使ったパスワードにしてください。' },
  'password.wrong': { sentence: 'パスワードが違います。', whatToDo: '申請のときに決めたパスワードを、もう一度入力してください。' },
  'peer.failed': { sentence: '接続先で処理ができませんでした。', whatToDo: report },
  'peer.unreachable': { sentence: '接続できません。', whatToDo: '通信の状態を確認して、もう一度お試しください。' },
  'pin-less.off': { sentence: '暗証番号なしの利用は、許可されていません。', whatToDo: 'スマートフォンのアプリで許可するか、暗証番号を使ってください。' },
  'pin-less.unavailable': { sentence: 'このカードは、暗証番号なしでは利用できません。', whatToDo: '暗証番号を使ってください。' },
  'pin.blocked': { sentence: '続けて間違えたため、暗証番号がロックされました。', whatToDo: 'マイナンバーカードを使って、このアプリの「手続き・困ったとき」で新しい暗証番号を決めてください。' },
  'pin.malformed': { sentence: '暗証番号の形式が違います。', whatToDo: '4桁の数字を入力してください。' },
  'pin.wrong': { sentence: '暗証番号が違います。', whatToDo: '残りの回数を確認して、もう一度入力してください。' },
  'port.in-use': { sentence: '通信の準備ができませんでした。', whatToDo: report },
  'possession.invalid': { sentence: 'SIMカードへの書き込みを確認できませんでした。', whatToDo: 'ダウンロードをもう一度始めてください。' },
  'rate.exceeded': { sentence: '操作の回数が多すぎます。', whatToDo: '少し待ってから、もう一度お試しください。' },
  'reader.absent': { sentence: 'カードリーダーが見つかりません。', whatToDo: 'カードリーダーをパソコンにつないでください。' },
  'reader.busy': { sentence: 'ほかのソフトウェアがカードを使っています。', whatToDo: 'カードを使っているほかのソフトウェアを閉じて、もう一度お試しください。' },
  'reader.service-absent': { sentence: 'パソコンでカードリーダーの機能（PC/SC）が動いていません。', whatToDo: 'スマートカードのサービスを起動してから、もう一度お試しください。' },
  'record.changed': { sentence: '保管していた記録が、書き換えられています。', whatToDo: report },
  'reference.not-found': { sentence: '該当するものが見つかりません。', whatToDo: 'はじめの画面から、やり直してください。' },
  'request.expired': { sentence: '作成してから時間が経ちすぎています。', whatToDo: 'スマートフォンの時計を確かめて、もう一度操作してください。' },
  'request.key-reused': { sentence: '同じ受付番号で、別の内容が送られました。', whatToDo: 'はじめから操作をやり直してください。' },
  'request.malformed': { sentence: '入力された内容の形式が正しくありません。', whatToDo: '入力した内容を確認してください。' },
  'request.method-not-allowed': { sentence: 'この方法では受け付けられません。', whatToDo: report },
  'request.replayed': { sentence: 'すでに受け付けた内容です。', whatToDo: 'はじめから操作をやり直してください。' },
  'request.too-large': { sentence: '送られた内容が大きすぎます。', whatToDo: report },
  'request.type-not-supported': { sentence: '受け付けられない形式です。', whatToDo: report },
  'sim.attestation-invalid': { sentence: 'SIMカードが本物であることを確認できませんでした。', whatToDo: '対応する携帯電話会社のSIMカードを使ってください。' },
  'sim.not-eligible': { sentence: 'このSIMカードでは利用できません。', whatToDo: '対応するSIMカードを、携帯電話会社にお問い合わせください。' },
  'sim.not-the-named-one': { sentence: '申請したときのSIMカードではありません。', whatToDo: '申請したときのSIMカードを入れるか、このSIMカードで申請し直してください。' },
  'store.busy': { sentence: '別の処理が行われています。', whatToDo: 'しばらく待ってから、もう一度お試しください。' },
  'subscription.not-eligible': { sentence: 'この電話番号の契約では申請できません。', whatToDo: 'ご本人の契約であることを、携帯電話会社にご確認ください。' },
  'terminal.revoked': { sentence: 'この読取端末は、利用が停止されています。', whatToDo: 'この端末は使わず、設置している機関に知らせてください。' },
  'terminal.untrusted': { sentence: 'この読取端末には、有効な証明書がありません。', whatToDo: '別の端末を使うか、設置している機関に知らせてください。' },
  'token.absent': { sentence: '鍵を保管する装置につながりません。', whatToDo: report },
  'token.failed': { sentence: '鍵を保管する装置で処理ができませんでした。', whatToDo: report },
  'token.full': { sentence: '鍵を保管する装置に空きがありません。', whatToDo: report },
  'token.pin-blocked': { sentence: '鍵を保管する装置の暗証番号がロックされています。', whatToDo: report },
  'token.pin-wrong': { sentence: '鍵を保管する装置の暗証番号が違います。', whatToDo: report },
  'tool.missing': { sentence: '必要なプログラムがありません。', whatToDo: report },
}

/** What was asked when the refusal came: some codes mean another thing to the person then. */
export type Asking = 'pin' | 'signPassword' | 'login' | 'stop'

const startAgain = {
  ja: 'サイトの画面から、もう一度ログインを始めてください。',
  en: 'Start the login again on the page of the site.',
}

// biome-ignore format: a table, one line each
const special: Readonly<Record<'ja' | 'en', Record<Asking, Partial<Record<RefusalCode, Explanation>>>>> = {
  ja: {
    pin: {},
    signPassword: {
      'pin.blocked': { sentence: '続けて間違えたため、署名用パスワードがロックされました。', whatToDo: '住民票のある市区町村の窓口で、パスワードの初期化を受けてください。' },
      'pin.malformed': { sentence: '署名用パスワードの形式が違います。', whatToDo: '6文字から16文字の英数字を入力してください。' },
      'pin.wrong': { sentence: '署名用パスワードが違います。', whatToDo: '残りの回数を確認して、もう一度入力してください。' },
    },
    login: {
      'reference.not-found': { sentence: 'このログインの受付が見つかりません。', whatToDo: startAgain.ja },
      'request.malformed': { sentence: 'ログインのリンクが正しくありません。', whatToDo: startAgain.ja },
      'request.replayed': { sentence: 'このログインは、すでに終わっています。', whatToDo: startAgain.ja },
    },
    stop: {
      'code.locked': { sentence: '続けて間違えたため、この方法では止められません。', whatToDo: '窓口に電話して、止めるよう依頼してください。マイナンバーカードがあれば、失効させることもできます。' },
      'password.wrong': { sentence: '電話番号かパスワードが違います。', whatToDo: '両方を確認して、もう一度入力してください。' },
    },
  },
  en: {
    pin: {},
    signPassword: {
      'pin.blocked': { sentence: 'Too many wrong tries: the signature password is blocked.', whatToDo: 'Have it reset at the counter of your municipality.' },
      'pin.malformed': { sentence: 'The signature password does not have the right form.', whatToDo: 'Enter 6 to 16 letters and digits.' },
      'pin.wrong': { sentence: 'The signature password is wrong.', whatToDo: 'See how many tries are left, then enter it again.' },
    },
    login: {
      'reference.not-found': { sentence: 'There is no such login.', whatToDo: startAgain.en },
      'request.malformed': { sentence: 'The link of this login is wrong.', whatToDo: startAgain.en },
      'request.replayed': { sentence: 'This login is over already.', whatToDo: startAgain.en },
    },
    stop: {
      'code.locked': { sentence: 'Too many wrong tries: it cannot be stopped in this way.', whatToDo: 'Call the help desk to have it stopped, or revoke it with your My Number card.' },
      'password.wrong': { sentence: 'The number or the password is wrong.', whatToDo: 'Check both, then enter them again.' },
    },
  },
}

/** The same help in both languages: a PIN is set anew from within the app. */
const english: Readonly<Record<RefusalCode, Explanation>> = {
  ...refusals,
  'pin.blocked': {
    ...refusals['pin.blocked'],
    whatToDo: 'Choose a new PIN with your My Number card: “Changes and trouble” in this app.',
  },
  'pin.wrong': { ...refusals['pin.wrong'], whatToDo: 'See how many tries are left, then enter it again.' },
}

export function explanationOf(
  { code }: Pick<Refusal, 'code'>,
  language: 'ja' | 'en',
  asking: Asking = 'pin',
): Explanation {
  return special[language][asking][code] ?? { ja: japanese, en: english }[language][code]
}
