/** Answers of acts that were asked for under an Idempotency-Key; the index is for taking out the old ones. */
import type { Migration } from '@mobile-jpki/store'

export const idempotency: Migration = {
  name: 'answers under idempotency keys',
  up: async ({ schema }) => {
    await schema
      .createTable('kept_answer')
      .addColumn('caller', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('kept_until', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('kept_answer_key', ['caller', 'key'])
      .execute()
    await schema.createIndex('kept_answer_until').on('kept_answer').column('kept_until').execute()
  },
}
