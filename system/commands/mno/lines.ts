/** ./jpki mno lines, and what an operator does to one line: ./jpki mno line …. */
import {
  changeDevice,
  changeLineStatus,
  changeNumber,
  type LineEntry,
  type lineReasons,
  listLines,
  movePhoneNumber,
  renewalReasons,
  replaceSim,
  showLine,
} from '@mobile-jpki/mno-tsm/contract'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { say, sayJson } from '../../ca/print.ts'
import { command, value } from '../../command.ts'
import {
  atCarrier,
  carrierOptions,
  changeOptions,
  functionOf,
  lineHead,
  lineRow,
  oneOf,
  tellDone,
} from '../../mno/desk.ts'
import { columns } from '../../width.ts'

export const list = command({
  summary: 'list the lines of a carrier',
  options: {
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).max(100_000).default(100)),
    ...carrierOptions,
  },
  run: async ({ limit, json, ...reach }) => {
    const found: LineEntry[] = []
    let after: string | undefined
    await atCarrier(reach, async (peer) => {
      do {
        const page = await call(peer, listLines, { carrier: reach.carrier, ...(after !== undefined && { after }) })
        found.push(...page.lines)
        after = page.next
      } while (after !== undefined && found.length < limit)
    })
    const lines = found.slice(0, limit)
    const more = after !== undefined || found.length > limit
    if (json) sayJson({ lines, more })
    else if (lines.length === 0) say([`${reach.carrier} has no line.`])
    else
      say([...columns([lineHead, ...lines.map(lineRow)]), ...(more ? ['', 'There are more: --limit shows them.'] : [])])
    return 0
  },
})

export const show = command({
  summary: 'show a line',
  options: carrierOptions,
  operands: ['NUMBER'],
  run: async ({ json, ...reach }, [msisdn = '']) => {
    const { lines } = await atCarrier(reach, (peer) => call(peer, showLine, { msisdn }))
    if (json) sayJson({ lines })
    else say(columns([lineHead, ...lines.map(lineRow)]))
    return 0
  },
})

type LineState = LineEntry['state']

const statusCommand = (status: LineState, summary: string, reasons: readonly (typeof lineReasons)[number][]) =>
  command({
    summary,
    options: {
      reason: value('REASON', reasons.join(', '), oneOf(reasons).default(reasons[0] ?? 'request')),
      ...changeOptions,
    },
    operands: ['NUMBER'],
    run: async ({ reason, call: id, json, ...reach }, [msisdn = '']) => {
      const request = { ...functionOf(reach.carrier, id), msisdn, status, reason }
      const reply = await atCarrier(reach, (peer) => call(peer, changeLineStatus, request))
      return tellDone(reply, json, `The line ${msisdn} is ${said[status]}: ${reason}.`)
    },
  })

const said: Readonly<Record<LineState, string>> = { inService: 'in service', suspended: 'suspended', ended: 'ended' }

export const suspend = statusCommand('suspended', 'suspend a line: SP-TSM stops its certificate', [
  'request',
  'lost',
  'stolen',
  'unpaid',
])
export const resume = statusCommand('inService', 'put a suspended line in service again', ['request', 'found', 'paid'])
export const end = statusCommand('ended', 'end a line for good', ['cancelled', 'ported', 'unpaid'])

export const number = command({
  summary: 'give a line another number',
  options: changeOptions,
  operands: ['NUMBER', 'NEW'],
  run: async ({ call: id, json, ...reach }, [msisdn = '', to = '']) => {
    const request = { ...functionOf(reach.carrier, id), msisdn, to }
    const reply = await atCarrier(reach, (peer) => call(peer, changeNumber, request))
    return tellDone(reply, json, `The line ${msisdn} has the number ${to} now.`)
  },
})

export const sim = command({
  summary: 'put a line on another SIM of the same carrier',
  options: {
    reason: value('REASON', renewalReasons.join(', '), oneOf(renewalReasons).default('exchange')),
    ...changeOptions,
  },
  operands: ['NUMBER', 'ICCID'],
  run: async ({ reason, call: id, json, ...reach }, [msisdn = '', iccid = '']) => {
    const request = { ...functionOf(reach.carrier, id), msisdn, iccid, reason }
    const reply = await atCarrier(reach, (peer) => call(peer, replaceSim, request))
    return tellDone(reply, json, `The line ${msisdn} is on SIM ${iccid} now: ${reason}.`)
  },
})

export const move = command({
  summary: 'take a number over from another carrier (MNP), onto a SIM of --carrier',
  options: {
    from: value('CARRIER', 'that gives it up', z.string()),
    subscriber: value(
      'NAME',
      'of the new contract; needed where another TSM serves the old one',
      z.string().optional(),
    ),
    user: value('NAME', 'who uses the line, where it is somebody else', z.string().optional()),
    ...changeOptions,
  },
  operands: ['NUMBER', 'ICCID'],
  run: async ({ from, subscriber, user, call: id, json, ...reach }, [msisdn = '', iccid = '']) => {
    const holders = { ...(subscriber !== undefined && { subscriber }), ...(user !== undefined && { user }) }
    const request = { ...functionOf(reach.carrier, id), msisdn, iccid, from, ...holders }
    const reply = await atCarrier(reach, (peer) => call(peer, movePhoneNumber, request))
    return tellDone(reply, json, `The number ${msisdn} is one of ${reach.carrier} now, on SIM ${iccid}.`)
  },
})

export const device = command({
  summary: 'note that the network saw the SIM of a line in another phone',
  options: {
    model: value('TEXT', 'of the phone', z.string().min(1)),
    os: value('TEXT', 'its system, with the version', z.string().min(1)),
    ...changeOptions,
  },
  operands: ['NUMBER'],
  run: async ({ model, os, call: id, json, ...reach }, [msisdn = '']) => {
    const request = { ...functionOf(reach.carrier, id), msisdn, device: { model, os } }
    const reply = await atCarrier(reach, (peer) => call(peer, changeDevice, request))
    return tellDone(reply, json, `The SIM of ${msisdn} is in ${model} now.`)
  },
})
