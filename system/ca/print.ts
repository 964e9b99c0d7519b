/** What an operator reads: times of Japan, states in words, tables that stay in line. */
import type { CertificateSummary } from '@mobile-jpki/jpki-system/contract'
import { columns } from '../width.ts'

const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Tokyo',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** 2026-04-01 12:00:00 JST */
export const timeOf = (at: Date): string => `${clock.format(at)} JST`
export const dayOf = (at: Date): string => clock.format(at).slice(0, 10)

const kinds = { sign: '署名用 sign', auth: '利用者証明用 auth', phoneAuth: 'スマホ用 phoneAuth' } as const

export const kindOf = ({ kind }: CertificateSummary): string => kinds[kind]

export const stateOf = ({ state, revocation }: CertificateSummary): string =>
  revocation === undefined || state === 'expired' ? state : `${state} (${revocation.reason})`

export const certificateTable = (all: readonly CertificateSummary[]): readonly string[] =>
  columns([
    ['SERIAL NUMBER', 'CA', 'KIND', 'STATE', 'UNTIL', 'MUNICIPALITY', 'PERSON'],
    ...all.map((one) => [
      one.serialNumber,
      `${one.authority}-${one.generation}`,
      kindOf(one),
      stateOf(one),
      dayOf(one.notAfter),
      one.partition ?? '',
      one.person,
    ]),
  ])

export const say = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Dates as ISO 8601, octets as base64: the wire form. */
export const sayJson = (value: unknown): void => {
  const text = JSON.stringify(value, (_name, field) => (field instanceof Uint8Array ? field.toBase64() : field))
  process.stdout.write(`${text}\n`)
}
