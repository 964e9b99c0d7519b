/** The lines in the database: the same text for SQLite and PostgreSQL. */
import type { Migration } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import type { Lines } from '../domain/lines.ts'

export interface Tables {
  line: { msisdn: string; iccid: string }
}

export const migrations: readonly Migration[] = [
  {
    name: 'lines',
    up: ({ schema }) =>
      schema
        .createTable('line')
        .addColumn('msisdn', 'text', (column) => column.primaryKey())
        .addColumn('iccid', 'text', (column) => column.notNull().unique())
        .execute(),
  },
]

/** `transaction`: a SIM carries one number at any moment. */
export const linesIn = (
  database: Kysely<Tables>,
  transaction: (work: (held: Kysely<Tables>) => Promise<void>) => Promise<void>,
): Lines => {
  const lines = () => database.selectFrom('line').select(['msisdn', 'iccid'])
  return {
    ofNumber: (msisdn) => lines().where('msisdn', '=', msisdn).executeTakeFirst(),
    ofSim: (iccid) => lines().where('iccid', '=', iccid).executeTakeFirst(),
    save: ({ msisdn, iccid }) =>
      transaction(async (held) => {
        await held.deleteFrom('line').where('iccid', '=', iccid).where('msisdn', '<>', msisdn).execute()
        await held
          .insertInto('line')
          .values({ msisdn, iccid })
          .onConflict((conflict) => conflict.column('msisdn').doUpdateSet({ iccid }))
          .execute()
      }),
    remove: async (msisdn) => {
      await database.deleteFrom('line').where('msisdn', '=', msisdn).execute()
    },
  }
}
