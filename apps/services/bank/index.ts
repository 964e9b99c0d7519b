/**
 * ネット銀行: a net bank on the relying-party library. The person logs in with the phone, and agrees to each transfer there: the text of it is
 * what the SIM signs. The account belongs to the person and not to the certificate, so that it stays when the certificate is renewed.
 */
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import {
  type Accepted,
  fetchLogin,
  type Jpki,
  type JpkiOptions,
  jpki,
  refusalOfLogin,
} from '@mobile-jpki/relying-party'
import { z } from 'zod'
import { keptByCookie } from '../site/kept.ts'
import { Declined, ownCodes } from '../site/refused.ts'
import { type Listening, listen } from '../site/server.ts'
import { formOf, type Service } from '../site/service.ts'
import { type Pages, seeOther, site, type Visit } from '../site/site.ts'
import { openStore, type Store } from '../site/store.ts'
import { Account, balanceOf, openAccount, Transfer, transferred } from './account.ts'
import { accountPage, agreementOf, waitingPage, welcome } from './pages.ts'

/** What waits for the phone; with a transfer, for the agreement to that. */
const Waiting = z.object({
  loginId: z.string(),
  ticket: z.string(),
  appLink: z.string(),
  number: z.string(),
  expiresAt: z.coerce.date(),
  transfer: Transfer.optional(),
})
/** A transfer that somebody was asked to agree to, and what became of it. */
const Order = z.object({ account: z.string(), transfer: Transfer, ended: z.enum(['done', ...ownCodes]).optional() })
const Session = z.object({
  account: z.string(),
  serialNumber: z.string(),
  done: z.enum(['login', 'transfer']).optional(),
})

export type BankOptions = Omit<JpkiOptions, 'origin' | 'name'>

export async function startBank(settings: Service, options: BankOptions): Promise<Listening> {
  const name = { ja: 'みほん銀行', en: 'Sample Bank' }
  const store = openStore(join(settings.dataDirectory, 'bank.db'))
  const phone = jpki({ ...options, origin: settings.origin, name: name.ja })
  const { pages, book } = bankOf(phone, store, options.now ?? (() => new Date()))
  const forTheApp = fetchLogin(phone, { onAccepted: book })
  const own = site({ ...settings, service: 'bank', name }, pages)
  const listening = await listen(
    settings.port,
    settings.origin,
    async (request) => (await forTheApp(request)) ?? own(request),
  )
  return { url: listening.url, close: () => listening.close().then(store.close) }
}

function bankOf(phone: Jpki, store: Store, now: () => Date) {
  const accounts = store.documents('account', Account)
  const orders = store.documents('order', Order)
  const sessions = keptByCookie(store, { cookie: 'bank-session', schema: Session, minutes: 30, now })
  const waitings = keptByCookie(store, { cookie: 'bank-phone', schema: Waiting, minutes: 10, now })
  const accountOf = (account: string) => accounts.find(account) ?? openAccount(account, now())

  const ask = async (visit: Visit, wanted?: { readonly account: string; readonly transfer: Transfer }) => {
    const text = wanted && agreementOf(accountOf(wanted.account), wanted.transfer, visit)
    const challenge = await phone.challenge({ text })
    if (wanted !== undefined) orders.save(challenge.loginId, wanted)
    return seeOther('/phone', waitings.open({ ...challenge, ...(wanted && { transfer: wanted.transfer }) }))
  }

  /** At once when the person has agreed, whatever becomes of the browser; once, because the library tells it once. */
  const book = ({ loginId, account, holder: { serialNumber } }: Accepted): void => {
    const order = orders.find(loginId)
    if (order === undefined) return
    try {
      if (order.ended !== undefined && order.ended !== 'done') throw new Declined(order.ended)
      if (account !== order.account) throw new Declined('account.another')
      accounts.save(account, transferred(accountOf(account), order.transfer, { at: now(), serialNumber }))
      orders.save(loginId, { ...order, ended: 'done' })
    } catch (error) {
      if (!(error instanceof Declined)) throw error
      orders.save(loginId, { ...order, ended: error.code })
      throw new Refusal('conditions.not-satisfied', error.message)
    }
  }

  const outcomeOf = async ({ loginId, ticket, transfer }: z.infer<typeof Waiting>) => {
    const outcome = await phone.outcome(loginId, ticket)
    if (transfer === undefined || outcome.state !== 'good') return { outcome }
    const ended = orders.find(loginId)?.ended
    return ended === undefined ? { outcome: { state: 'waiting' as const } } : { outcome, ended }
  }

  const pages: Pages = {
    'GET /': (visit) => {
      const session = sessions.find(visit)
      return session === undefined
        ? welcome(visit)
        : accountPage(visit, { ...session, account: accountOf(session.account) })
    },
    'POST /login': (visit) => ask(visit),
    'POST /transfers': (visit) => {
      const { account } = sessions.of(visit)
      const transfer = formOf(visit, Transfer)
      if (transfer.amount > balanceOf(accountOf(account))) throw new Declined('amount.too-high')
      return ask(visit, { account, transfer })
    },
    'GET /wait': async (visit) => {
      const { outcome } = await outcomeOf(waitings.of(visit))
      return Response.json({ waiting: outcome.state === 'waiting' })
    },
    'GET /phone': async (visit) => {
      const waiting = waitings.of(visit)
      const { transfer } = waiting
      const { outcome, ended = 'done' } = await outcomeOf(waiting)
      if (outcome.state === 'waiting') return waitingPage(visit, waiting, transfer)
      if (outcome.state !== 'good') throw refusalOfLogin(outcome)
      if (ended !== 'done') throw new Declined(ended)
      const {
        account,
        holder: { serialNumber },
      } = outcome
      if (accounts.find(account) === undefined) accounts.save(account, accountOf(account))
      const done = transfer === undefined ? 'login' : 'transfer'
      sessions.end(visit)
      return seeOther('/', waitings.end(visit), sessions.open({ account, serialNumber, done }))
    },
    'POST /cancel': (visit) => {
      const { loginId } = waitings.of(visit)
      const order = orders.find(loginId)
      if (order !== undefined && order.ended === undefined) orders.save(loginId, { ...order, ended: 'login.cancelled' })
      return seeOther('/', waitings.end(visit))
    },
    'POST /logout': (visit) => seeOther('/', sessions.end(visit)),
  }
  return { pages, book }
}
