/** The hand-over page: who asks, QR code and matching number for the phone, or the card reader of this computer; and why a login was refused. */
import type { RefusalCode } from '@mobile-jpki/refusal'
import type { Challenge } from '@mobile-jpki/relying-party'
import { renderSVG } from 'uqr'
import type { Page } from './frame.ts'
import { html, Markup } from './html.ts'
import type { Language } from './language.ts'
import { reasonOf } from './reasons.ts'
import { texts } from './texts.ts'

export interface Asked {
  readonly language: Language
  readonly service: string
  /** The path of the interaction; its acts lie below it. */
  readonly path: string
  /** Where the browser logs in by TLS client certificate; not there where nobody listens. */
  readonly cardUrl?: string | undefined
  readonly leadsTo: readonly string[]
}

const timeOf = (at: Date, language: Language): string =>
  at.toLocaleTimeString(language === 'ja' ? 'ja-JP' : 'en-GB', { hour: '2-digit', minute: '2-digit' })

export function waitingPage(
  { language, service, path, cardUrl, leadsTo }: Asked,
  { appLink, number, expiresAt }: Challenge,
  trouble: RefusalCode | undefined,
): Page {
  const say = texts[language]
  const code = new Markup(renderSVG(appLink, { ecc: 'M', border: 4 }))
  const body = html`<h1>${say.logInTo(service)}</h1>
<section aria-labelledby="phone">
  <h2 id="phone">${say.withPhone}</h2>
  <div class="code" role="img" aria-label="${say.qrCode}">${code}</div>
  <p>${say.scan}</p>
  <p><a class="button" href="${appLink}">${say.openHere}</a></p>
  <p id="number-is">${say.numberIs}</p>
  <p class="number" aria-labelledby="number-is">${number}</p>
  <p class="quiet">${say.numberWhy}</p>
  <p class="quiet">${say.until(timeOf(expiresAt, language))}</p>
  <p id="state" role="status" data-waiting="${say.waiting}" data-answered="${say.answered}">${say.waiting}</p>
  <p id="trouble" class="bad" role="status">${trouble && reasonOf(trouble, language)}</p>
  <form method="post" action="${path}/finish" id="finish" data-state="${path}/state"><button class="second">${say.goOn}</button></form>
</section>
${
  cardUrl === undefined
    ? undefined
    : html`<section aria-labelledby="card">
  <h2 id="card">${say.withCard}</h2>
  <p>${say.cardWhat}</p>
  <p><a class="button second" href="${cardUrl}">${say.withCard}</a></p>
</section>`
}
<form method="post" action="${path}/abort"><button class="plain">${say.back(service)}</button></form>`
  const otherLanguage = `${path}?lang=${language === 'ja' ? 'en' : 'ja'}`
  return { language, title: say.logInTo(service), body, leadsTo, otherLanguage, script: true }
}

export function refusedPage({ language, service, path, leadsTo }: Asked, code: string): Page {
  const say = texts[language]
  const body = html`<h1 class="bad">${say.refused}</h1>
<p role="alert">${reasonOf(code, language)}</p>
<p class="quiet">${say.code}: <code>${code}</code></p>
<form method="post" action="${path}/again"><button>${say.again}</button></form>
<form method="post" action="${path}/abort"><button class="second">${say.back(service)}</button></form>`
  const otherLanguage = `${path}?lang=${language === 'ja' ? 'en' : 'ja'}`
  return { language, title: say.refused, body, leadsTo, otherLanguage }
}
