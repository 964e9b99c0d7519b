/** The page that waits for a tap: it goes on by itself without PIN, and by a button with the PIN typed at the terminal. */
import { type Html, html } from '../site/html.ts'
import { field } from '../site/look.ts'
import type { Visit } from '../site/site.ts'

export interface TapForm {
  readonly action: string
  readonly way: 'pin' | 'pin-less'
  readonly hidden?: Readonly<Record<string, string | number>>
  /** More fields, above the PIN. */
  readonly fields?: Html
  readonly button: string
}

export const tapForm = ({ say }: Visit, { action, way, hidden = {}, fields, button }: TapForm): Html => html`<form
method="post" action="${action}" id="tap">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
${way === 'pin-less' ? html`<div class="pulse" aria-hidden="true"></div>` : html``}
<p>${
  way === 'pin'
    ? say(
        'スマートフォンかマイナンバーカードを端末に置き、暗証番号を入力してください。',
        'Put the phone or the My Number card on the terminal and enter the PIN.',
      )
    : say(
        'スマートフォンを端末にかざしてください。暗証番号は要りません。',
        'Hold the phone against the terminal. No PIN is needed.',
      )
}</p>
${way === 'pin' && field(say('利用者証明用の暗証番号（4桁）', 'PIN (4 digits)'), 'pin', { type: 'password', inputmode: 'numeric', maxlength: 4, pattern: '[0-9]{4}' })}
<button>${button}</button>
</form>`

/** Asked once for the PIN that stands in the form; a wrong one is told, and not tried again. */
export const pinIn =
  ({ form }: Visit) =>
  async () =>
    form.get('pin') ?? ''
