/** Terminals, and the lists of those that are revoked. */
import type { Kysely, Selectable } from 'kysely'
import type { TerminalRecord, Terminals } from '../../terminals/terminal.ts'
import type { Tables } from '../tables.ts'

const columns = [
  'terminal_id',
  'institution',
  'role',
  'public_key',
  'enrolled_at',
  'certified_until',
  'revoked_at',
] as const

const recordOf = (row: Selectable<Tables['terminal']>): TerminalRecord => ({
  terminalId: row.terminal_id,
  institution: row.institution,
  role: row.role,
  publicKey: new Uint8Array(row.public_key),
  enrolledAt: new Date(row.enrolled_at),
  ...(row.certified_until !== null && { certifiedUntil: row.certified_until }),
  ...(row.revoked_at !== null && { revokedAt: new Date(row.revoked_at) }),
})

export const terminalsIn = (db: Kysely<Tables>): Terminals => ({
  find: async (terminalId) => {
    const row = await db.selectFrom('terminal').select(columns).where('terminal_id', '=', terminalId).executeTakeFirst()
    return row && recordOf(row)
  },
  all: async () => (await db.selectFrom('terminal').select(columns).orderBy('terminal_id').execute()).map(recordOf),
  revoked: async () => {
    const rows = await db
      .selectFrom('terminal')
      .select(columns)
      .where('revoked_at', 'is not', null)
      .orderBy('terminal_id')
      .execute()
    return rows.map(recordOf)
  },
  add: async ({ terminalId, institution, role, publicKey, enrolledAt }) => {
    const added = await db
      .insertInto('terminal')
      .values({
        terminal_id: terminalId,
        institution,
        role,
        public_key: publicKey,
        enrolled_at: enrolledAt.toISOString(),
        certified_until: null,
        revoked_at: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('terminal_id')
      .executeTakeFirst()
    return added !== undefined
  },
  certified: async (terminalId, until) => {
    await db
      .updateTable('terminal')
      .set({ certified_until: until })
      .where('terminal_id', '=', terminalId)
      .where('revoked_at', 'is', null)
      .execute()
  },
  revoke: async (terminalId, at) => {
    const revoked = await db
      .updateTable('terminal')
      .set({ revoked_at: at.toISOString() })
      .where('terminal_id', '=', terminalId)
      .where('revoked_at', 'is', null)
      .returning('terminal_id')
      .executeTakeFirst()
    return revoked !== undefined
  },
  list: async () => {
    const row = await db
      .selectFrom('terminal_list')
      .select('octets')
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && new Uint8Array(row.octets)
  },
  publish: async (number, octets) => {
    const added = await db
      .insertInto('terminal_list')
      .values({ number, octets })
      .onConflict((conflict) => conflict.doNothing())
      .returning('number')
      .executeTakeFirst()
    if (added !== undefined) await db.deleteFrom('terminal_list').where('number', '<', number).execute()
    return added !== undefined
  },
})
