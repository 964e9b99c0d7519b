/** お薬手帳: a medication notebook. It knows the person by OpenID Connect alone, and keeps the notebook under her subject. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { membersBy } from '../openid/members.ts'
import { html } from '../site/html.ts'
import { dateIn } from '../site/language.ts'
import { facts, field } from '../site/look.ts'
import { type Listening, listen } from '../site/server.ts'
import { type Around, dayIn, formOf, type OpenIdService } from '../site/service.ts'
import { type Content, site, type Visit } from '../site/site.ts'
import { openStore } from '../site/store.ts'
import {
  emptyNotebook,
  isTaken,
  type Medicine,
  MedicineForm,
  Notebook,
  withMedicine,
  withoutMedicine,
} from './notebook.ts'

export async function startNotebook(
  settings: OpenIdService,
  { now = () => new Date() }: Around = {},
): Promise<Listening> {
  const store = openStore(join(settings.dataDirectory, 'notebook.db'))
  const members = await membersBy(settings, { store, schema: Notebook, empty: emptyNotebook, now })
  const about = {
    ...settings,
    service: 'notebook',
    name: { ja: 'みほんお薬手帳', en: 'Sample Medication Notebook' },
  } as const
  const handler = site(about, {
    ...members.pages,
    'GET /': (visit) => {
      const notebook = members.find(visit)
      return notebook === undefined ? welcome(visit) : notebookPage(visit, notebook, dayIn(now()))
    },
    'POST /medicines': (visit) => {
      const medicine = { id: randomUUID(), ...formOf(visit, MedicineForm) }
      return members.change(visit, (notebook) => withMedicine(notebook, medicine))
    },
    'POST /medicines/remove': (visit) =>
      members.change(visit, (notebook) => withoutMedicine(notebook, visit.form.get('id') ?? '')),
  })
  const listening = await listen(settings.port, settings.origin, handler)
  return { url: listening.url, close: () => listening.close().then(store.close) }
}

const welcome = ({ say }: Visit): Content => ({
  title: say('お薬手帳', 'Medication notebook'),
  body: html`<section class="card">
<p>${say('処方された薬の記録を、一冊にまとめて持ち歩けます。薬局や病院で見せてください。', 'Your prescriptions in one place, to show at the pharmacy and to your doctor.')}</p>
<a class="button" href="/login">${say('マイナンバーカード機能でログイン', 'Log in with JPKI')}</a>
</section>
<p class="quiet">${say('ログインには、スマートフォンまたはマイナンバーカードの利用者証明用電子証明書を使います。この手帳に伝わるのは、この手帳だけの番号です。', 'You log in with the certificate in your phone or My Number card. This notebook learns a number of its own, and nothing else about you.')}</p>`,
})

function notebookPage(visit: Visit, { medicines }: Notebook, today: string): Content {
  const { say } = visit
  const now = medicines.filter((one) => isTaken(one, today))
  const before = medicines.filter((one) => !isTaken(one, today))
  return {
    title: say('お薬手帳', 'Medication notebook'),
    loggedIn: true,
    body: html`<section class="card"><h2>${say('いま飲んでいる薬', 'Taken now')}</h2>${
      now.length === 0
        ? html`<p>${say('飲んでいる薬はありません。', 'There is none.')}</p>`
        : now.map((one) => entry(visit, one))
    }</section>
${before.length > 0 && html`<section class="card"><h2>${say('これまでの薬', 'Taken before')}</h2>${before.map((one) => entry(visit, one))}</section>`}
<section class="card"><h2>${say('薬を書き加える', 'Add a medicine')}</h2>
<form method="post" action="/medicines">
${field(say('薬の名前', 'Name'), 'name', { maxlength: 60 }, say('例: アムロジピン錠5mg', 'e.g. amlodipine 5 mg'))}
${field(say('用法', 'How to take it'), 'usage', { maxlength: 60 }, say('例: 1日1回 朝食後', 'e.g. once a day after breakfast'))}
<div class="row">${field(say('調剤日', 'Dispensed on'), 'date', { type: 'date', value: today, max: today })}${field(say('日数', 'Days'), 'days', { type: 'number', min: 1, max: 180, inputmode: 'numeric' })}</div>
${field(say('薬局', 'Pharmacy'), 'pharmacy', { maxlength: 60 })}
<button>${say('書き加える', 'Add')}</button>
</form></section>`,
  }
}

const entry = (
  { say, language }: Visit,
  { id, name, usage, date, days, pharmacy }: Medicine,
) => html`<article class="entry">
<h3>${name}</h3>
${facts(
  [say('用法', 'How to take it'), usage],
  [say('調剤日', 'Dispensed on'), `${dateIn(date, language)} ${say(`（${days}日分）`, `(${days} days)`)}`],
  [say('薬局', 'Pharmacy'), pharmacy],
)}
<form method="post" action="/medicines/remove"><input type="hidden" name="id" value="${id}"><button class="small" aria-label="${say(`${name}を消す`, `Remove ${name}`)}">${say('消す', 'Remove')}</button></form>
</article>`
