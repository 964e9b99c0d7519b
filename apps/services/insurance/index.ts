/** 健康保険の資格確認: the reception of a clinic. A tap without PIN shows how the person is insured; the first visit registers, with PIN. */
import { join } from 'node:path'
import { html } from '../site/html.ts'
import { timeIn } from '../site/language.ts'
import { facts, field, notice } from '../site/look.ts'
import { type Listening, listen } from '../site/server.ts'
import { type Around, formOf, type Service } from '../site/service.ts'
import { type Content, site, type Visit } from '../site/site.ts'
import { openStore } from '../site/store.ts'
import { type CounterParts, counterOf, type Tapped } from '../tap/counter.ts'
import { pinIn, tapForm } from '../tap/pages.ts'
import { Insured, InsuredForm, visited } from './insured.ts'

export async function startInsurance(
  settings: Service,
  { now = () => new Date(), ...parts }: CounterParts & Around,
): Promise<Listening> {
  const store = openStore(join(settings.dataDirectory, 'insurance.db'))
  const everybody = store.documents('insured', Insured)
  const counter = counterOf(parts)
  const seen = ({ account, serialNumber, evidence: { way } }: Tapped, insured: Insured): Insured => {
    const next = visited(insured, { at: now().toISOString(), way, serialNumber })
    everybody.save(account, next)
    return next
  }
  const about = { ...settings, service: 'insurance', name: { ja: 'みほん診療所', en: 'Sample Clinic' } } as const
  const handler = site(about, {
    'GET /': welcome,
    'GET /wait': () => Response.json({ waiting: !counter.isSomethingThere() }),
    'GET /check': checkPage,
    'POST /check': async (visit) => {
      const text = visit.say('健康保険の資格を確認します。', 'Check my health insurance.')
      const tapped = await counter.read({ way: 'pin-less', text })
      const insured = everybody.find(tapped.account)
      return insured === undefined ? registrationPage(visit) : insuredPage(visit, tapped, seen(tapped, insured))
    },
    'GET /register': registrationPage,
    'POST /register': async (visit) => {
      const form = formOf(visit, InsuredForm)
      const text = visit.say('健康保険証として利用登録します。', 'Register this as my health insurance card.')
      const tapped = await counter.read({ way: 'pin', text, pin: pinIn(visit) })
      const { visits } = everybody.find(tapped.account) ?? { visits: [] }
      return insuredPage(visit, tapped, seen(tapped, { ...form, visits }))
    },
  })
  const listening = await listen(settings.port, settings.origin, handler)
  return { url: listening.url, close: () => listening.close().then(store.close) }
}

const welcome = ({ say }: Visit): Content => ({
  title: say('受付', 'Reception'),
  body: html`<section class="card">
<p>${say('スマートフォンかマイナンバーカードで、健康保険の資格を確認します。', 'Your health insurance is checked with your phone or My Number card.')}</p>
<a class="button" href="/check">${say('受付を始める', 'Check in')}</a></section>
<p><a class="button second" href="/register">${say('はじめての方（利用登録）', 'First visit: register')}</a></p>`,
})

const checkPage = (visit: Visit): Content => ({
  title: visit.say('資格確認', 'Eligibility check'),
  waitsAt: '/wait',
  body: html`<section class="card">${tapForm(visit, { action: '/check', way: 'pin-less', button: visit.say('読み取る', 'Read') })}</section>
<p><a href="/">${visit.say('戻る', 'Back')}</a></p>`,
})

function registrationPage(visit: Visit): Content {
  const { say } = visit
  const fields = html`<div class="row">${field(say('保険者番号（8桁）', 'Insurer number (8 digits)'), 'insurer', { pattern: '[0-9]{8}', maxlength: 8, inputmode: 'numeric' })}${field(say('記号・番号', 'Symbol and number'), 'number', { maxlength: 20 })}${field(say('枝番（2桁）', 'Branch (2 digits)'), 'branch', { pattern: '[0-9]{2}', maxlength: 2, inputmode: 'numeric' })}</div>
<fieldset><legend>${say('負担割合', 'Share you pay')}</legend>${[1, 2, 3].map((share) => html`<p><label><input type="radio" name="share" value="${share}" required> ${say(`${share}割`, `${share * 10}%`)}</label></p>`)}</fieldset>`
  return {
    title: say('利用登録', 'Registration'),
    body: html`<section class="card"><p>${say('この診療所では、まだ登録がありません。はじめの一度だけ、暗証番号で登録します。', 'There is no registration here yet. It is made once, with the PIN.')}</p>
${tapForm(visit, { action: '/register', way: 'pin', fields, button: say('登録する', 'Register') })}</section><p><a href="/">${say('戻る', 'Back')}</a></p>`,
  }
}

function insuredPage({ say, language }: Visit, { token, serialNumber }: Tapped, insured: Insured): Content {
  const [, before] = insured.visits
  return {
    title: say('資格確認の結果', 'Eligibility'),
    body: html`${notice('good', say('資格があります', 'Insured'), html`<p class="big">${say(`負担割合 ${insured.share}割`, `You pay ${insured.share * 10}%`)}</p>`)}
<section class="card">${facts(
      [say('保険者番号', 'Insurer number'), insured.insurer],
      [say('記号・番号', 'Symbol and number'), insured.number],
      [say('枝番', 'Branch'), insured.branch],
      [
        say('確認に使ったもの', 'Checked with'),
        token === 'sim' ? say('スマートフォン', 'phone') : say('マイナンバーカード', 'My Number card'),
      ],
      [say('証明書シリアル番号', 'Serial number of the certificate'), html`<code id="serial">${serialNumber}</code>`],
      [
        say('前回の受付', 'Last visit'),
        before === undefined ? say('はじめて', 'none before') : timeIn(before.at, language),
      ],
    )}</section><p><a class="button" href="/">${say('次の方へ', 'Next person')}</a></p>`,
  }
}
