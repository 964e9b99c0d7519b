/** クレジット支払い: the till of a shop. A small amount is paid by a tap alone, a larger one with the PIN; the amount is part of what is signed. */
import { join } from 'node:path'
import { z } from 'zod'
import { html } from '../site/html.ts'
import { keptByCookie } from '../site/kept.ts'
import { timeIn, yen } from '../site/language.ts'
import { facts, field, notice } from '../site/look.ts'
import { Declined } from '../site/refused.ts'
import { type Listening, listen } from '../site/server.ts'
import { type Around, formOf, type Service } from '../site/service.ts'
import { type Content, seeOther, site, type Visit } from '../site/site.ts'
import { openStore } from '../site/store.ts'
import { type CounterParts, counterOf } from '../tap/counter.ts'
import { pinIn, tapForm } from '../tap/pages.ts'
import { Amount, leftOf, Member, newMember, paid, pinFrom } from './member.ts'

const Receipt = z.object({ account: z.string() })

export async function startPayment(
  settings: Service,
  { now = () => new Date(), ...parts }: CounterParts & Around,
): Promise<Listening> {
  const store = openStore(join(settings.dataDirectory, 'payment.db'))
  const members = store.documents('member', Member)
  const counter = counterOf(parts)
  const receipts = keptByCookie(store, { cookie: 'payment-receipt', schema: Receipt, minutes: 10, now })
  const about = { ...settings, service: 'payment', name: { ja: 'みほん商店', en: 'Sample Store' } } as const
  const handler = site(about, {
    'GET /': till,
    'GET /wait': () => Response.json({ waiting: !counter.isSomethingThere() }),
    'GET /pay': (visit) => payPage(visit, formOf({ ...visit, form: visit.url.searchParams }, Amount).amount),
    'POST /pay': async (visit) => {
      const { amount } = formOf(visit, Amount)
      const text = visit.say(
        `みほん商店に ${yen(amount, 'ja')} を支払います。`,
        `Pay ${yen(amount, 'en')} to Sample Store.`,
      )
      const asking =
        amount < pinFrom ? { way: 'pin-less' as const, text } : { way: 'pin' as const, text, pin: pinIn(visit) }
      const { account, serialNumber, evidence } = await counter.read(asking)
      const member = members.find(account)
      if (member === undefined) throw new Declined('member.unknown')
      const next = paid(member, { at: now(), amount, serialNumber, evidence })
      members.save(account, next)
      return seeOther('/receipt', receipts.open({ account }))
    },
    'GET /receipt': (visit) => receiptPage(visit, members.find(receipts.of(visit).account) ?? newMember),
    'GET /join': joinPage,
    'POST /join': async (visit) => {
      const text = visit.say('みほんクレジットに入会します。', 'Join Sample Credit.')
      const { account } = await counter.read({ way: 'pin', text, pin: pinIn(visit) })
      if (members.find(account) === undefined) members.save(account, newMember)
      return seeOther('/?joined=1')
    },
  })
  const listening = await listen(settings.port, settings.origin, handler)
  return { url: listening.url, close: () => listening.close().then(store.close) }
}

const till = ({ say, url }: Visit): Content => ({
  title: say('お会計', 'Till'),
  body: html`${url.searchParams.has('joined') && notice('good', say('入会しました', 'You have joined'), html`<p>${say('この端末でお支払いいただけます。', 'You can pay here now.')}</p>`)}
<section class="card"><form method="get" action="/pay">
${field(say('金額（円）', 'Amount (yen)'), 'amount', { type: 'number', min: 1, max: 1_000_000, inputmode: 'numeric' }, say(`${yen(pinFrom, 'ja')}以上は暗証番号が必要です。`, `The PIN is asked from ${yen(pinFrom, 'en')} on.`))}
<button>${say('支払いへ', 'Pay')}</button></form></section>
<p><a class="button second" href="/join">${say('みほんクレジットに入会する', 'Join Sample Credit')}</a></p>`,
})

function payPage(visit: Visit, amount: number): Content {
  const { say, language } = visit
  const way = amount < pinFrom ? 'pin-less' : 'pin'
  return {
    title: say('お支払い', 'Payment'),
    ...(way === 'pin-less' && { waitsAt: '/wait' }),
    body: html`<section class="card"><p class="big">${yen(amount, language)}</p>
${tapForm(visit, { action: '/pay', way, hidden: { amount }, button: say('支払う', 'Pay') })}</section><p><a href="/">${say('やめる', 'Cancel')}</a></p>`,
  }
}

const joinPage = (visit: Visit): Content => ({
  title: visit.say('みほんクレジットに入会', 'Join Sample Credit'),
  body: html`<section class="card"><p>${visit.say(`利用限度額は${yen(newMember.limit, 'ja')}です。入会は一度だけ、暗証番号で行います。`, `Your limit is ${yen(newMember.limit, 'en')}. You join once, with the PIN.`)}</p>
${tapForm(visit, { action: '/join', way: 'pin', button: visit.say('入会する', 'Join') })}</section><p><a href="/">${visit.say('戻る', 'Back')}</a></p>`,
})

function receiptPage({ say, language }: Visit, member: Member): Content {
  const [latest] = member.payments
  return {
    title: say('領収書', 'Receipt'),
    body: html`${notice('good', say('支払いました', 'Paid'), html`<p class="big">${yen(latest?.amount ?? 0, language)}</p>`)}
<section class="card">${facts(
      [say('日時', 'When'), latest === undefined ? '' : timeIn(latest.at, language)],
      [say('利用できる残り', 'Left of your limit'), yen(leftOf(member), language)],
      [
        say('証明書シリアル番号', 'Serial number of the certificate'),
        html`<code id="serial">${latest?.serialNumber ?? ''}</code>`,
      ],
    )}</section>
<section class="card"><h2>${say('ご利用の履歴', 'Payments')}</h2><ul class="list">${member.payments.map(
      ({ at, amount }) => html`<li><span>${timeIn(at, language)}</span><strong>${yen(amount, language)}</strong></li>`,
    )}</ul></section><p><a class="button" href="/">${say('次のお会計', 'Next customer')}</a></p>`,
  }
}
