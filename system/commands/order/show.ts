/** ./jpki order show: one order, its history, what became of its mail, and the life of its certificate. */
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { describeLife, describeOrder } from '@mobile-jpki/sp-tsm/contract'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { helpDesk, orderLines } from '../../order/desk.ts'
import { columns } from '../../width.ts'

type Described = ReplyOf<typeof describeOrder>

export default command({
  summary: "show one of SP-TSM's orders: how it stands, its history, its mail, and what befell its certificate",
  options: reachOptions,
  operands: ['ORDER'],
  run: async ({ json, ...reach }, [orderId = '']) => {
    const { life, ...described } = await asOperator(
      reach,
      async (peer) => ({ ...(await call(peer, describeOrder, { orderId })), life: await lifeOf(peer, orderId) }),
      helpDesk,
    )
    if (json) sayJson({ ...described, ...(life && { life }) })
    else
      say([
        ...orderLines(described.order),
        ...titled('History', historyOf(described)),
        ...titled('Mail', mailsOf(described)),
        ...(life === undefined ? [] : titled('Certificate in use', standingOf(life))),
        ...(life === undefined ? [] : titled('Life events', eventsOf(life))),
      ])
    return 0
  },
})

const historyOf = ({ history }: Described): readonly string[] =>
  columns(
    history.map(({ at, by, event, from, to, trouble }) => [
      timeOf(at),
      by,
      event,
      from === to ? from : `${from} → ${to}`,
      trouble === undefined ? '' : `${trouble.whose ?? ''} ${trouble.code}: ${trouble.detail}`.trim(),
    ]),
  )

const mailsOf = ({ mails }: Described): readonly string[] =>
  columns(
    mails.map(({ kind, writtenAt, sentAt, refusedAt, tries }) => [
      timeOf(writtenAt),
      kind,
      sentAt !== undefined
        ? `sent ${timeOf(sentAt)}`
        : refusedAt !== undefined
          ? 'refused by the mail server'
          : tries > 0
            ? `tried ${tries}×`
            : 'waits',
    ]),
  )

type Life = ReplyOf<typeof describeLife>

/** An order that was never finished has none. */
async function lifeOf(peer: Peer, orderId: string): Promise<Life | undefined> {
  try {
    return await call(peer, describeLife, { orderId })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
    throw error
  }
}

const standingOf = ({ state, because, serialNumber, notAfter, bound }: Life): readonly string[] =>
  columns([
    ['state', because.length === 0 ? state : `${state}: ${because.join(', ')}`],
    ['serial', serialNumber],
    ['until', timeOf(notAfter)],
    ...(bound ? [] : [['phone', 'another than the one that was named']]),
  ])

const eventsOf = ({ tasks }: Life): readonly string[] =>
  columns(
    tasks.map(({ askedAt, event, state, trouble }) => [
      timeOf(askedAt),
      event,
      state,
      trouble === undefined ? '' : `${trouble.whose ?? ''} ${trouble.code}: ${trouble.detail}`.trim(),
    ]),
  )

const titled = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
