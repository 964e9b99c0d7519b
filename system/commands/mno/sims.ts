/** ./jpki mno sims, mno sim show, mno sim dispose. */
import { disposalReasons, disposeSim, listSims, type SimEntry, showSim } from '@mobile-jpki/mno-tsm/contract'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { command, table, value } from '../../command.ts'
import {
  atCarrier,
  carrierOptions,
  changeOptions,
  functionOf,
  lineHead,
  lineRow,
  oneOf,
  simHead,
  simRow,
  tellDone,
} from '../../mno/desk.ts'
import { columns } from '../../width.ts'

export const list = command({
  summary: 'list the SIMs of a carrier',
  options: {
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).max(100_000).default(100)),
    ...carrierOptions,
  },
  run: async ({ limit, json, ...reach }) => {
    const found: SimEntry[] = []
    let after: string | undefined
    await atCarrier(reach, async (peer) => {
      do {
        const page = await call(peer, listSims, { carrier: reach.carrier, ...(after !== undefined && { after }) })
        found.push(...page.sims)
        after = page.next
      } while (after !== undefined && found.length < limit)
    })
    const sims = found.slice(0, limit)
    const more = after !== undefined || found.length > limit
    if (json) sayJson({ sims, more })
    else if (sims.length === 0) say([`${reach.carrier} has no SIM.`])
    else say([...columns([simHead, ...sims.map(simRow)]), ...(more ? ['', 'There are more: --limit shows them.'] : [])])
    return 0
  },
})

export const show = command({
  summary: 'show a SIM: its line, the orders for it, and what SP-TSM was told or is still to be told',
  options: carrierOptions,
  operands: ['ICCID'],
  run: async ({ json, ...reach }, [iccid = '']) => {
    const found = await atCarrier(reach, (peer) => call(peer, showSim, { iccid }))
    if (json) sayJson(found)
    else say(linesOf(found))
    return 0
  },
})

function linesOf({ sim, lines, deployments, notifications }: ReplyOf<typeof showSim>): readonly string[] {
  return [
    ...columns([simHead, simRow(sim)]),
    ...table([
      ['SEID', sim.seId],
      ['IMSI', sim.imsi],
    ]),
    '',
    ...(lines.length === 0 ? ['It carries no line.'] : columns([lineHead, ...lines.map(lineRow)])),
    '',
    ...(deployments.length === 0
      ? ['No order was for it.']
      : columns([
          ['ORDER', 'STATE', 'ASKED FOR', 'TROUBLE'],
          ...deployments.map(({ orderId, state, requestedAt, refusal }) => [
            orderId,
            state,
            timeOf(requestedAt),
            refusal === undefined ? '' : `${refusal.code}: ${refusal.detail}`,
          ]),
        ])),
    ...(notifications.length === 0
      ? []
      : [
          '',
          ...columns([
            ['TOLD TO SP-TSM', 'HAPPENED', 'TRIES', 'TAKEN', 'TROUBLE'],
            ...notifications.map(({ name, happenedAt, tries, takenAt, trouble }) => [
              name,
              timeOf(happenedAt),
              String(tries),
              takenAt === undefined ? 'not yet' : timeOf(takenAt),
              trouble ?? '',
            ]),
          ]),
        ]),
  ]
}

export const dispose = command({
  summary: 'put a SIM out of use for good: SP-TSM revokes what is in it',
  description: 'A SIM with a line in service is not disposed of: ./jpki mno line end or mno line sim comes first.',
  options: {
    reason: value('REASON', disposalReasons.join(', '), oneOf(disposalReasons)),
    ...changeOptions,
  },
  operands: ['ICCID'],
  run: async ({ reason, call: id, json, ...reach }, [iccid = '']) => {
    const request = { ...functionOf(reach.carrier, id), iccid, reason }
    const reply = await atCarrier(reach, (peer) => call(peer, disposeSim, request))
    return tellDone(reply, json, `The SIM ${iccid} is disposed of: ${reason}.`)
  },
})
