/** Ceremonies: one row for each file that was begun; and from when on the key that came of one issues. */
import type { Migration } from '@mobile-jpki/store'

export interface CeremonyTable {
  /** SHA-256 of the file, hex. */
  digest: string
  number: number
  document: Uint8Array
  /** JSON: approvals in base64. */
  signatures: string
  begun_at: string
  ended_at: string | null
  outcome: 'finished' | 'abandoned' | null
  /** JSON. */
  record: string | null
}

export const ceremonies: Migration = {
  name: 'ceremonies',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('ceremony')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('number', 'integer', (column) => column.notNull().unique())
      .addColumn('document', octets, (column) => column.notNull())
      .addColumn('signatures', 'text', (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('outcome', 'text')
      .addColumn('record', 'text')
      .execute()
    await schema.alterTable('ca_generation').addColumn('issues_from', 'text').execute()
  },
}
