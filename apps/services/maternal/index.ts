/** 母子健康手帳: a mother-and-child health record. It knows the parent by OpenID Connect alone, and keeps the record under her subject. */
import { join } from 'node:path'
import { membersBy } from '../openid/members.ts'
import { html } from '../site/html.ts'
import { dateIn } from '../site/language.ts'
import { facts, field } from '../site/look.ts'
import { Declined } from '../site/refused.ts'
import { type Listening, listen } from '../site/server.ts'
import { type Around, dayIn, formOf, type OpenIdService } from '../site/service.ts'
import { type Content, site, type Visit } from '../site/site.ts'
import { openStore } from '../site/store.ts'
import { weightCurve } from './curve.ts'
import * as record from './record.ts'

export async function startMaternal(
  settings: OpenIdService,
  { now = () => new Date() }: Around = {},
): Promise<Listening> {
  const store = openStore(join(settings.dataDirectory, 'maternal.db'))
  const members = await membersBy(settings, { store, schema: record.Record, empty: {}, now })
  const about = {
    ...settings,
    service: 'maternal',
    name: { ja: 'みほん母子手帳', en: 'Sample Mother and Child' },
  } as const
  /** Something of the child, on a day of its life. */
  const ofChild = (visit: Visit, { date }: { readonly date: string }, change: (child: record.Child) => record.Record) =>
    members.change(visit, ({ child }) => {
      if (child === undefined || date < child.born || date > dayIn(now())) throw new Declined('form.incomplete')
      return change(child)
    })
  const handler = site(about, {
    ...members.pages,
    'GET /': (visit) => {
      const found = members.find(visit)
      if (found === undefined) return welcome(visit)
      return found.child === undefined ? birthPage(visit, dayIn(now())) : childPage(visit, found.child, dayIn(now()))
    },
    'POST /children': (visit) => {
      const child = formOf(visit, record.ChildForm)
      return members.change(visit, (before) => (before.child === undefined ? record.born(child) : before))
    },
    'POST /measurements': (visit) => {
      const measurement = formOf(visit, record.MeasurementForm)
      return ofChild(visit, measurement, (child) => record.measured(child, measurement))
    },
    'POST /vaccinations': (visit) => {
      const vaccination = formOf(visit, record.VaccinationForm)
      return ofChild(visit, vaccination, (child) => record.vaccinated(child, vaccination))
    },
  })
  const listening = await listen(settings.port, settings.origin, handler)
  return { url: listening.url, close: () => listening.close().then(store.close) }
}

const welcome = ({ say }: Visit): Content => ({
  title: say('母子健康手帳', 'Mother and child health record'),
  body: html`<section class="card">
<p>${say('お子さんの成長と予防接種を記録します。', 'How your child grows, and its vaccinations.')}</p>
<a class="button" href="/login">${say('マイナンバーカード機能でログイン', 'Log in with JPKI')}</a>
</section>
<p class="quiet">${say('ログインには、スマートフォンまたはマイナンバーカードの利用者証明用電子証明書を使います。', 'You log in with the certificate in your phone or My Number card.')}</p>`,
})

const dateField = ({ say }: Visit, label: readonly [string, string], today: string, name = 'date') =>
  field(say(...label), name, { type: 'date', value: today, max: today })

const birthPage = (visit: Visit, today: string): Content => ({
  title: visit.say('お子さんの登録', 'Your child'),
  loggedIn: true,
  body: html`<section class="card"><form method="post" action="/children">
${field(visit.say('お名前', 'Name'), 'name', { maxlength: 40 })}
<div class="row">${dateField(visit, ['生年月日', 'Born on'], today, 'born')}${field(visit.say('出生体重（g）', 'Weight at birth (g)'), 'weight', { type: 'number', min: 300, max: 7000, inputmode: 'numeric' })}</div>
<button>${visit.say('登録する', 'Register')}</button>
</form></section>`,
})

function childPage(visit: Visit, child: record.Child, today: string): Content {
  const { say, language } = visit
  const latest = child.measurements.at(-1)
  return {
    title: say(`${child.name}さんの記録`, `The record of ${child.name}`),
    loggedIn: true,
    body: html`<section class="card"><h2>${say('成長', 'Growth')}</h2>
${facts(
  [say('生年月日', 'Born on'), dateIn(child.born, language)],
  [say('体重', 'Weight'), `${latest?.weight ?? 0} g`],
  [say('身長', 'Height'), latest?.height === undefined ? say('未測定', 'not measured') : `${latest.height} cm`],
)}
${weightCurve(child, say)}
<form method="post" action="/measurements"><h3>${say('測定を書き加える', 'Add a measurement')}</h3>
<div class="row">${dateField(visit, ['測定日', 'Measured on'], today)}${field(say('体重（g）', 'Weight (g)'), 'weight', { type: 'number', min: 300, max: 40_000, inputmode: 'numeric' })}${field(say('身長（cm）', 'Height (cm)'), 'height', { type: 'number', min: 20, max: 140, step: 0.1, inputmode: 'decimal' })}</div>
<button class="second">${say('測定を記録する', 'Record the measurement')}</button></form></section>
<section class="card"><h2>${say('予防接種', 'Vaccinations')}</h2>
<ul class="list">${Object.entries(record.vaccines).map(([key, name]) => {
      const dates = child.vaccinations
        .filter(({ vaccine }) => vaccine === key)
        .map(({ date }) => dateIn(date, language))
      return html`<li><span>${name[language]}</span>${dates.length === 0 ? html`<span class="hint">${say('未接種', 'not yet')}</span>` : html`<strong>${dates.join(say('、', ', '))}</strong>`}</li>`
    })}</ul>
<form method="post" action="/vaccinations"><h3>${say('接種を書き加える', 'Add a vaccination')}</h3>
<div class="row"><p class="field"><label for="vaccine">${say('ワクチン', 'Vaccine')}</label><select id="vaccine" name="vaccine">${Object.entries(record.vaccines).map(([key, name]) => html`<option value="${key}">${name[language]}</option>`)}</select></p>
<p class="field"><label for="given">${say('接種日', 'Given on')}</label><input id="given" name="date" type="date" required value="${today}" max="${today}"></p></div>
<button class="second">${say('接種を記録する', 'Record the vaccination')}</button></form></section>`,
  }
}
