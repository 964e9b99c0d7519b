/** The frame of every page, and the headers that go with it. */
import { html, Markup } from './html.ts'
import type { Language } from './language.ts'
import { texts } from './texts.ts'

export interface Page {
  readonly language: Language
  readonly title: string
  readonly body: Markup
  /** Where a form of this page may lead in the end: the service. Browsers count redirects too (Content Security Policy 3 §6.4.1). */
  readonly leadsTo?: readonly string[]
  /** This page in the other language. */
  readonly otherLanguage?: string
  readonly script?: boolean
}

export const pageOf = ({ language, title, body, otherLanguage, script }: Page): string =>
  html`${new Markup('<!doctype html>')}
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/page/page.css">
${script === true ? html`<script type="module" src="/page/page.js"></script>` : undefined}
</head>
<body>
<header>
  <p>${texts[language].provider}</p>
  ${
    otherLanguage === undefined
      ? undefined
      : html`<a href="${otherLanguage}" lang="${language === 'ja' ? 'en' : 'ja'}">${texts[language].otherLanguage}</a>`
  }
</header>
<main>
${body}
</main>
</body>
</html>
`.text

/** `frames`: origins whose pages may show ours. */
export const headersOf = (
  { leadsTo = [] }: Pick<Page, 'leadsTo'>,
  frames: readonly string[] = [],
): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action ${["'self'", ...leadsTo].join(' ')}`,
    `frame-ancestors ${frames.length === 0 ? "'none'" : frames.join(' ')}`,
    "base-uri 'none'",
  ].join('; '),
  // With no-referrer a browser would not say in a form's Origin whose it is (WHATWG Fetch, Origin header).
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
})
