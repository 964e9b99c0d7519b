/** Tables of figures for people. */
import type { Machine } from './figures.ts'

/** Columns as wide as their widest cell; the first is text, the others are numbers. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  )
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}

/** Three digits that say something. */
export const figure = (value: number): string =>
  Number.isFinite(value) ? value.toLocaleString('en', { maximumSignificantDigits: value >= 1000 ? 4 : 3 }) : 'none'

export const machineLine = ({ processors, model, node, openssl, at }: Machine): string =>
  `${processors} processors (${model}), Node ${node}, OpenSSL ${openssl}, ${at.slice(0, 16).replace('T', ' ')} UTC`

/** One line that says what is going on, where somebody looks; an empty text takes it away. */
export function progressLine(): (what: string) => void {
  const live = process.stderr.isTTY === true
  return (what) => {
    if (live) process.stderr.write(`\r\x1b[K${what === '' ? '' : `  ${what} …`}`)
  }
}
