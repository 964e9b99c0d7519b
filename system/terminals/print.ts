/** What a terminal shows: whose card it was and whether it is good, or why not. */
import type { Reader } from '@mobile-jpki/pcsc'
import type { Reading, Token } from '@mobile-jpki/terminal'
import { dayOf, timeOf } from '../ca/print.ts'
import { columns } from '../width.ts'

const tokens = {
  sim: 'スマートフォン（SIM） phone',
  myNumberCard: 'マイナンバーカード My Number card',
  residentCard: '住民基本台帳カード resident card',
  androidSecureElement: 'スマートフォン（Android） phone',
  iPhone: 'スマートフォン（iPhone） phone',
  unknown: 'unknown token of JPKI',
} as const satisfies Record<Token, string>

const ways = { pin: '暗証番号あり with PIN', 'pin-less': '暗証番号なし without PIN' } as const

export function readingLines(reader: string, reading: Reading): readonly string[] {
  const { apdus, octets, cardMilliseconds, ownMilliseconds } = reading.cost
  const took = `${apdus} commands, ${octets} octets; card ${Math.round(cardMilliseconds)} ms, own ${Math.round(ownMilliseconds)} ms`
  if (!reading.ok) {
    const { code, message, whatToDo } = reading.refusal
    return columns([
      ['✘', code],
      ['', message],
      ['', whatToDo],
      ['reader', reader],
      ['took', took],
    ])
  }
  const { token, evidence, holder, status } = reading
  return columns([
    ['✔', `${tokens[token]}, ${ways[evidence.way]}`],
    ['holder', `${holder.serialNumber}, until ${dayOf(holder.notAfter)}`],
    ['status', `good by ${status.source === 'ocsp' ? 'OCSP' : 'list'}, ${timeOf(status.thisUpdate)}`],
    ['for', `${evidence.statement.text} (${evidence.statement.institution}, ${evidence.statement.terminalId})`],
    ['reader', reader],
    ['took', took],
  ])
}

export function readingRecord(reader: string, reading: Reading) {
  const { cost } = reading
  if (!reading.ok) {
    const { code, message: detail, whatToDo, triesLeft } = reading.refusal
    return { reader, ok: false, code, detail, whatToDo, triesLeft, ...cost }
  }
  const { token, holder, status, evidence } = reading
  const { certificate: _, ...who } = holder
  return { reader, ok: true, token, way: evidence.way, ...who, status, evidence, ...cost }
}

export const readerLines = (readers: readonly Reader[]): readonly string[] =>
  columns(readers.map(({ name, state }) => [name, state]))
