/** ./jpki order tasks: what is under way with certificates in use. */
import { call } from '@mobile-jpki/service/call'
import { findLifeTasks, type LifeTaskSummary, lifeEvents } from '@mobile-jpki/sp-tsm/contract'
import { z } from 'zod'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'
import { helpDesk } from '../../order/desk.ts'
import { columns } from '../../width.ts'

export default command({
  summary: 'list what is under way with certificates in use, and whose turn it is',
  description: 'A PIN reset, a stop, a deletion; oldest first. What is over is told by ./jpki order show.',
  options: {
    event: value(
      'EVENT',
      lifeEvents.join(', '),
      z.enum(lifeEvents, { error: `write one of ${lifeEvents.join(', ')}` }).optional(),
    ),
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).max(1000).default(50)),
    ...reachOptions,
  },
  run: async ({ event, limit: atMost, json, ...reach }) => {
    const { tasks, next } = await asOperator(
      reach,
      (peer) => call(peer, findLifeTasks, { atMost, ...(event !== undefined && { event }) }),
      helpDesk,
    )
    if (json) sayJson({ tasks, more: next !== undefined })
    else if (tasks.length === 0) say(['Nothing is under way.'])
    else say([...table(tasks), ...(next === undefined ? [] : ['', 'There may be more: --limit shows them.'])])
    return 0
  },
})

const table = (tasks: readonly LifeTaskSummary[]): readonly string[] =>
  columns([
    ['ORDER', 'EVENT', 'STATE', 'SINCE', 'WAITS FOR', 'WHOSE: WHAT'],
    ...tasks.map(({ orderId, event, state, askedAt, waitsFor = '', setback }) => [
      orderId,
      event,
      state,
      timeOf(askedAt),
      waitsFor,
      setback === undefined ? '' : `${setback.whose ?? '?'}: ${setback.code} (${setback.count}×)`,
    ]),
  ])
