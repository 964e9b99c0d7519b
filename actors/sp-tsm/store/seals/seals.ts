/**
 * The seal of a row: HMAC-SHA-256 under a key of the keyring over everything in it that decides something. Whoever writes to the
 * database without that key can destroy, and say nothing in SP-TSM's name. docs/protocols/orders.md.
 */
import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '@mobile-jpki/refusal'

export interface Seals {
  of(table: string, values: Values): Promise<Uint8Array>
  /** Rejects with `record.changed` when the row is not as SP-TSM wrote it. */
  check(table: string, values: Values, seal: Uint8Array | null): Promise<void>
  /** For rows of which many are read: that one is left out, and the others are worked on. */
  sound<Row, Read>(rows: readonly Row[], read: (row: Row) => Promise<Read>): Promise<readonly Read[]>
}

type Value = string | number | Uint8Array | null
/** By the names of the columns, in their order. */
export type Values = readonly (readonly [column: string, value: Value])[]

const asText = (value: Value) => (value instanceof Uint8Array ? { octets: Buffer.from(value).toString('hex') } : value)

/** A column without a value is none: so tables may grow. */
const statementOf = (table: string, values: Values): Uint8Array => {
  const given = values.filter(([, value]) => value !== null).map(([column, value]) => [column, asText(value)])
  return new TextEncoder().encode(JSON.stringify(['mobile-jpki/row/1', table, given]))
}

export function sealsBy(
  mac: (octets: Uint8Array) => Promise<Uint8Array>,
  onFault: (error: unknown) => void = () => undefined,
): Seals {
  const of = (table: string, values: Values) => mac(statementOf(table, values))
  const check: Seals['check'] = async (table, values, seal) => {
    const expected = await of(table, values)
    if (seal?.length !== expected.length || !timingSafeEqual(seal, expected)) {
      const [[, name] = []] = values
      throw new Refusal('record.changed', `A row of ${table} is not as it was written: ${name}.`, { whose: 'sp-tsm' })
    }
  }
  const sound: Seals['sound'] = async (rows, read) => {
    const all = await Promise.all(
      rows.map((row) =>
        read(row).then(
          (one) => [one],
          (error: unknown) => {
            if (!(error instanceof Refusal) || error.code !== 'record.changed') throw error
            onFault(error)
            return []
          },
        ),
      ),
    )
    return all.flat()
  }
  return { of, check, sound }
}

/** The values of those columns, as they are sealed. */
export const valuesIn = <Row extends object>(row: Row, columns: readonly (keyof Row & string)[]): Values =>
  columns.map((column) => [column, row[column] as Value])
