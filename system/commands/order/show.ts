/** ./jpki order show: one order, its history, and what became of its mail. */
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { describeOrder } from '@mobile-jpki/sp-tsm/contract'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { helpDesk, orderLines } from '../../order/desk.ts'
import { columns } from '../../width.ts'

type Described = ReplyOf<typeof describeOrder>

export default command({
  summary: "show one of SP-TSM's orders: how it stands, its history, its mail",
  options: reachOptions,
  operands: ['ORDER'],
  run: async ({ json, ...reach }, [orderId = '']) => {
    const described = await asOperator(reach, (peer) => call(peer, describeOrder, { orderId }), helpDesk)
    if (json) sayJson(described)
    else
      say([
        ...orderLines(described.order),
        ...titled('History', historyOf(described)),
        ...titled('Mail', mailsOf(described)),
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

const titled = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
