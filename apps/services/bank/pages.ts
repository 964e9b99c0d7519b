/** What the bank shows: its door, and an account. */
import { type HandOver, handOverPage } from '../site/hand-over.ts'
import { html } from '../site/html.ts'
import { type Language, timeIn, yen } from '../site/language.ts'
import { facts, field, notice } from '../site/look.ts'
import type { Content, Visit } from '../site/site.ts'
import { type Account, balanceOf, type Transfer } from './account.ts'

export const welcome = ({ say }: Visit): Content => ({
  title: say('ログイン', 'Log in'),
  body: html`<section class="card">
<p>${say('スマートフォンに入れた利用者証明用電子証明書でログインします。', 'Log in with the certificate in your phone.')}</p>
<form method="post" action="/login"><button>${say('スマートフォンでログイン', 'Log in with your phone')}</button></form>
</section>
<p class="quiet">${say('パスワードはありません。振込のたびに、内容をスマートフォンで確認し、暗証番号で署名します。', 'There is no password. You confirm each transfer on your phone and sign it with your PIN.')}</p>`,
})

export interface Shown {
  readonly account: Account
  readonly serialNumber: string
  /** What was done just now. */
  readonly done?: 'login' | 'transfer' | undefined
}

export function accountPage({ say, language }: Visit, { account, serialNumber, done }: Shown): Content {
  const [latest] = account.entries
  return {
    title: say('口座', 'Your account'),
    loggedIn: true,
    body: html`${
      done === 'login' &&
      notice(
        'good',
        say('ログインしました', 'You are logged in'),
        html`<p>${say('署名、証明書の経路と失効を確認しました。', 'Signature, certificate path and revocation were checked.')}</p>`,
      )
    }${
      done === 'transfer' &&
      notice(
        'good',
        say('振り込みました', 'The transfer is done'),
        html`<p>${latest?.payee ?? ''} ${yen(-(latest?.amount ?? 0), language)}</p>`,
      )
    }
<section class="card"><h2>${say('残高', 'Balance')}</h2><p class="big">${yen(balanceOf(account), language)}</p>
${facts([say('口座番号', 'Account number'), html`<span class="number">${account.number}</span>`], [say('証明書シリアル番号', 'Serial number of your certificate'), html`<code id="serial">${serialNumber}</code>`])}
</section>
<section class="card"><h2>${say('振込', 'Transfer')}</h2><form method="post" action="/transfers">
${field(say('受取人', 'To'), 'payee', { maxlength: 40 }, say('例: 甲野商店', 'e.g. Kono Store'))}
${field(say('金額（円）', 'Amount (yen)'), 'amount', { type: 'number', min: 1, max: 10_000_000, inputmode: 'numeric' })}
<button>${say('スマートフォンで確認する', 'Confirm on your phone')}</button></form></section>
<section class="card"><h2>${say('入出金', 'Movements')}</h2><ul class="list">${account.entries.map(
      ({ at, payee, amount, balance, serialNumber: signedBy }) => html`<li>
<span>${payee ?? say('口座開設', 'Account opened')}</span><strong>${yen(amount, language)}</strong>
<span class="quiet">${timeIn(at, language)} · ${say('残高', 'balance')} ${yen(balance, language)}${signedBy !== undefined && html`<br>${say('確認した証明書', 'Confirmed by certificate')} <code>${signedBy}</code>`}</span></li>`,
    )}</ul></section>`,
  }
}

/** What the person agrees to, in the words that the app shows and the SIM signs. */
export const agreementOf = ({ number }: Account, { payee, amount }: Transfer, { say, language }: Spoken): string =>
  [
    say(`${payee} に ${yen(amount, language)} を振り込みます。`, `Transfer ${yen(amount, language)} to ${payee}.`),
    say(`振込元: 普通預金 ${number}`, `From: account ${number}`),
  ].join('\n')

type Spoken = Pick<Visit, 'say'> & { readonly language: Language }

export function waitingPage(visit: Visit, handOver: HandOver, transfer: Transfer | undefined): Content {
  const { say, language } = visit
  if (transfer === undefined) return handOverPage(visit, say('アプリで確認してください', 'Go on in the app'), handOver)
  const { payee, amount } = transfer
  const about = html`<section class="card"><h2>${say('振込の内容', 'The transfer')}</h2>${facts([say('受取人', 'To'), payee], [say('金額', 'Amount'), html`<strong>${yen(amount, language)}</strong>`])}</section>`
  return handOverPage(visit, say('振込の確認', 'Confirm the transfer'), handOver, about)
}
