/** What every page of a service stands in: name, language, the way out. Colours and type are the Digital Agency's (style.css). */
import { type Html, html, type Part } from './html.ts'
import { explanationOf, type No } from './refused.ts'
import type { Content, Visit } from './site.ts'

export interface Frame {
  /** Names its colour, its mark and its cookies. */
  readonly service: 'bank' | 'notebook' | 'maternal' | 'insurance' | 'payment'
  readonly name: { readonly ja: string; readonly en: string }
}

/** One stroke each, on a field of 24. */
const marks: Readonly<Record<Frame['service'], string>> = {
  bank: 'M4 10 12 4l8 6M6 10v7M10 10v7M14 10v7M18 10v7M4 20h16',
  notebook: 'M7 4h10v16H7zM4.5 8H9M4.5 12H9M4.5 16H9M13 9v6M10.5 12h5',
  maternal: 'M12 20C5 15 4 11 5.5 8.5S10 6 12 9c2-3 5-3 6.5-.5S19 15 12 20z',
  insurance: 'M12 4 5 6.5v5C5 16 8 19 12 20.5 16 19 19 16 19 11.5v-5zM12 9v6M9 12h6',
  payment: 'M3 7h18v11H3zM3 11h18M6 15h4',
}

export const framed = ({ service, name }: Frame, visit: Visit, { title, body, loggedIn, waitsAt }: Content): Html => {
  const { language, say } = visit
  return html`<!doctype html>
<html lang="${language}" data-service="${service}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} | ${name[language]}</title>
<link rel="stylesheet" href="/tokens.css">
<link rel="stylesheet" href="/style.css">
${waitsAt !== undefined && html`<script type="module" src="/wait.js" data-at="${waitsAt}"></script><noscript><meta http-equiv="refresh" content="3"></noscript>`}
</head>
<body>
<header>
<a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${marks[service]}"/></svg>${name[language]}</a>
<nav aria-label="${say('設定', 'Settings')}">
<a class="language" lang="${say('en', 'ja')}" href="${inOther(visit)}">${say('English', '日本語')}</a>
${loggedIn === true && html`<form method="post" action="/logout"><button class="small">${say('ログアウト', 'Log out')}</button></form>`}
</nav>
</header>
<main>
<h1>${title}</h1>
${body}
</main>
<footer>${say('見本のサービスです。実在の会社や制度とは関係ありません。', 'A sample service: no such company exists.')}</footer>
</body>
</html>
`
}

/** The same page in the other language; behind a form there is none, and the first one is shown. */
const inOther = ({ method, url, say }: Visit): string => {
  const query = new URLSearchParams(url.search)
  query.set('lang', say('en', 'ja'))
  return `${method === 'GET' ? url.pathname : '/'}?${query}`
}

/** Terms and what they are, as a list that is read in pairs. */
export const facts = (...pairs: readonly (readonly [string, Part])[]): Html =>
  html`<dl>${pairs.map(([term, what]) => html`<div><dt>${term}</dt><dd>${what}</dd></div>`)}</dl>`

/** `name` is what the form sends; everything of it is there for screen readers and for those who type. */
export const field = (
  label: string,
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  hint?: string,
): Html =>
  html`<p class="field"><label for="${name}">${label}</label>${
    hint !== undefined && html`<span class="hint" id="${name}-hint">${hint}</span>`
  }<input id="${name}" name="${name}" required autocomplete="off"${
    hint !== undefined && html` aria-describedby="${name}-hint"`
  }${Object.entries(attributes).map(([key, value]) => html` ${key}="${value}"`)}></p>`

export const notice = (kind: 'good' | 'bad' | 'plain', heading: string, text: Part): Html =>
  html`<section class="notice ${kind}" role="status"><h2>${heading}</h2><div>${text}</div></section>`

export const refusalNotice = ({ language, say }: Visit, { code, detail, triesLeft }: No): Html => {
  const { sentence, whatToDo } = explanationOf(code, language)
  return html`<section class="notice bad" role="alert"><h2>${sentence}</h2><div>
<p>${whatToDo}</p>
${triesLeft !== undefined && html`<p>${say(`あと${triesLeft}回入力できます。`, `${triesLeft} tries are left.`)}</p>`}
<p class="quiet">${say('コード', 'Code')}: <code>${code}</code>${detail !== undefined && html` <span lang="en">${detail}</span>`}</p>
</div></section>`
}

const statuses: Readonly<Record<string, number>> = { 'page.unknown': 404, 'session.none': 401, internal: 500 }

export const refusedPage = (visit: Visit, no: No): Content => ({
  title: visit.say('手続きができませんでした', 'This was not done'),
  status: statuses[no.code] ?? 422,
  body: html`${refusalNotice(visit, no)}<p><a class="button" href="/">${visit.say('最初の画面へ', 'To the first page')}</a></p>`,
})
