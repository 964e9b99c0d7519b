/** The mailbox as a page: newest mail first, in the language that the pages of this machine share by a cookie. */
import type { Language } from '../../desk/page/texts.ts'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly at: string
}

const words = {
  ja: {
    title: 'メール',
    about: '開発用の受信箱',
    none: 'まだ届いていません。',
    copy: 'コードを写す',
    copied: '写しました',
    zone: '（日本時間）',
    locale: 'ja-JP',
    other: { language: 'en', name: 'English' },
  },
  en: {
    title: 'Mail',
    about: 'Mailbox for development',
    none: 'Nothing yet.',
    copy: 'Copy the code',
    copied: 'Copied',
    zone: ' (Japan)',
    locale: 'en-GB',
    other: { language: 'ja', name: '日本語' },
  },
} as const satisfies Record<Language, unknown>

export const languageIn = (cookies: string | readonly string[] | undefined): Language =>
  /(?:^|;\s*)lang=en(?:;|$)/.test(String(cookies ?? '')) ? 'en' : 'ja'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const code = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z*~$=]/g

/** An access code is to be read off and copied in one piece. */
const withCodes = (text: string, { copy, copied }: (typeof words)[Language]): string =>
  escaped(text).replaceAll(
    code,
    (one) => `<b>${one}</b> <button type="button" data-code="${one}" data-copied="${copied}">${copy}</button>`,
  )

const style = `:root{color-scheme:light dark;--ink:light-dark(#1a1a1a,#f2f2f2);--quiet:light-dark(#595959,#b3b3b3);--line:light-dark(#ccc,#4d4d4d);--paper:light-dark(#fff,#262626);--ground:light-dark(#f2f2f2,#141414);--key:light-dark(#0017c1,#9db7f9);--pale:light-dark(#e8f1fe,#1c2440)}
*{box-sizing:border-box}body{font:1rem/1.7 "Noto Sans JP","Noto Sans CJK JP",system-ui,sans-serif;letter-spacing:.02em;max-width:44rem;margin:0 auto;padding:1rem;color:var(--ink);background:var(--ground)}
header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.25rem 1rem}h1{font-size:1.375rem;line-height:1.4;margin:0}h1 small{display:block;color:var(--quiet);font-size:.875rem;font-weight:400}a{color:var(--key)}
article{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1rem 1.25rem;margin:1rem 0;overflow-wrap:anywhere}
h2{font-size:1.0625rem;line-height:1.5;margin:0}article>p{color:var(--quiet);font-size:.875rem;margin:.25rem 0 .75rem;padding-bottom:.75rem;border-bottom:1px solid var(--line)}
pre{white-space:pre-wrap;font:inherit;margin:0}b{white-space:nowrap;font-family:"Noto Sans Mono",ui-monospace,monospace;user-select:all;background:var(--pale);border-radius:4px;padding:.1em .4em}
button{font:inherit;font-size:.875rem;font-weight:700;min-height:2.5rem;padding:.1rem .8rem;border:1px solid var(--key);border-radius:8px;color:var(--key);background:var(--paper);cursor:pointer}
:focus-visible{outline:4px solid light-dark(#000,#fff);outline-offset:2px;box-shadow:0 0 0 2px #ffd43d}.none{text-align:center;color:var(--quiet);padding:3rem 1rem}`

export function pageOf(mails: readonly Mail[], language: Language): string {
  const t = words[language]
  const inJapan = (at: string): string =>
    `${new Date(at).toLocaleString(t.locale, { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'medium' })}${t.zone}`
  const articles = mails
    .toReversed()
    .map(
      ({ to, subject, text, at }) =>
        `<article><h2>${escaped(subject)}</h2><p>${escaped(to)}<br><time datetime="${at}">${inJapan(at)}</time></p><pre lang="ja">${withCodes(text, t)}</pre></article>`,
    )
    .join('')
  return `<!doctype html><html lang="${language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${t.title}</title>
<style>${style}</style><header><h1>${t.title}<small>${t.about}</small></h1><a href="/?lang=${t.other.language}" lang="${t.other.language}">${t.other.name}</a></header>
<main data-version="${mails.length}">${articles || `<div class="none">${t.none}</div>`}</main><script type="module" src="/follow.js"></script></html>`
}
