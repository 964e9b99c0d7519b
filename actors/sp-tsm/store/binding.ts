/** Which phone an order is bound to, and who vouches for its SIM; answered challenges. */
import type { Migration, Store } from '@mobile-jpki/store'
import type { Challenges } from '../domain/device.ts'
import type { Tables } from './tables.ts'

export const binding: Migration = {
  name: 'binding',
  up: async ({ schema }, { octets }) => {
    await schema.alterTable('sp_order').addColumn('device_key', octets).execute()
    await schema.alterTable('sp_order').addColumn('attested_by', 'text').execute()
    await schema
      .createTable('sp_spent_challenge')
      .addColumn('challenge', octets, (column) => column.primaryKey())
      .addColumn('until', 'text', (column) => column.notNull())
      .execute()
    await schema.createIndex('sp_spent_challenge_by_age').on('sp_spent_challenge').column('until').execute()
  },
}

/** Until its time is over; behind that the challenge itself says that it is too late. */
export interface SpentChallengeRow {
  challenge: Uint8Array
  until: string
}

/** Whoever comes second with a challenge finds it spent, whichever process is asked. */
export const challengesIn = (store: Store<Tables>): Challenges => ({
  spend: (challenge, until, now) =>
    store.transaction(async (db) => {
      await db.deleteFrom('sp_spent_challenge').where('until', '<=', now.toISOString()).execute()
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('sp_spent_challenge')
        .values({ challenge, until: until.toISOString() })
        .onConflict((conflict) => conflict.column('challenge').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    }),
})
