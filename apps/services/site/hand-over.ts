/** The page that hands a login, or an agreement, over to the app on the phone: as QR code, as link, with the matching number. */
import { renderSVG } from 'uqr'
import { type Html, html } from './html.ts'
import { timeOfDay } from './language.ts'
import type { Content, Visit } from './site.ts'

export interface HandOver {
  readonly appLink: string
  readonly number: string
  readonly expiresAt: Date
}

export const handOverPage = (
  { say, language }: Visit,
  title: string,
  { appLink, number, expiresAt }: HandOver,
  about?: Html,
): Content => ({
  title,
  waitsAt: '/wait',
  body: html`${about}<section class="card hand-over" aria-live="polite">
<p>${say('スマートフォンのカメラでQRコードを読み取るか、このスマートフォンでアプリを開いてください。', 'Scan this code with your phone, or open the app if you are on the phone.')}</p>
<div class="qr" role="img" aria-label="${say('アプリを開くためのQRコード', 'QR code that opens the app')}">${{ html: renderSVG(appLink, { ecc: 'M', border: 1 }) }}</div>
<a class="button" id="open" href="${appLink}" target="_blank" rel="noopener">${say('アプリを開く', 'Open the app')}</a>
<p>${say('アプリで、この番号を選んでください。', 'Choose this number in the app.')}</p>
<p class="match number" id="number">${number}</p>
<div class="pulse" aria-hidden="true"></div>
<p class="quiet">${say('この画面は自動で切り替わります。', 'This page goes on by itself.')} ${say(`${timeOfDay(expiresAt, language)}まで有効です。`, `It is valid until ${timeOfDay(expiresAt, language)}.`)}</p>
<form method="post" action="/cancel"><button class="small">${say('やめる', 'Cancel')}</button></form>
</section>`,
})
