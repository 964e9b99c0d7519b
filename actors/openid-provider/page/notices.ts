/** Pages without a login at work: the protocol's own errors, and logging out. */

import type { Page } from './frame.ts'
import { html, Markup } from './html.ts'
import type { Language } from './language.ts'
import { texts } from './texts.ts'

/** `error` as OAuth names it: it cannot be told to the service, because the service or its address is not who it says. */
export function errorPage(language: Language, { error, description }: { error: string; description: string }): Page {
  const say = texts[language]
  const what =
    error === 'invalid_redirect_uri'
      ? say.wrongRedirect
      : /session|expired/.test(description)
        ? say.sessionGone
        : say.failedWhat
  const body = html`<h1 class="bad">${say.failed}</h1>
<p role="alert">${what}</p>
<dl><dt>${say.code}</dt><dd><code>${error}</code></dd><dt lang="en">error_description</dt><dd lang="en">${description}</dd></dl>`
  return { language, title: say.failed, body }
}

/** `form` is the library's own, with the token that keeps others from logging the person out. */
export function logOutPage(language: Language, form: string, leadsTo: readonly string[]): Page {
  const say = texts[language]
  const body = html`<h1>${say.logOut}</h1>
<p>${say.logOutWhat}</p>
${new Markup(form)}
<p><button form="op.logoutForm" name="logout" value="yes">${say.logOutYes}</button></p>
<p><button form="op.logoutForm" class="second">${say.logOutNo}</button></p>`
  return { language, title: say.logOut, body, leadsTo }
}

export function loggedOutPage(language: Language): Page {
  const say = texts[language]
  return { language, title: say.loggedOut, body: html`<h1>${say.loggedOut}</h1><p>${say.close}</p>` }
}
