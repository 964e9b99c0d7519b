/** Counters, leases, conversations and scripts in the database: the same text for SQLite and PostgreSQL. */
import { isRefusalCode } from '@mobile-jpki/refusal'
import type { Migration, Store } from '@mobile-jpki/store'
import { type Kysely, type Selectable, sql } from 'kysely'
import type {
  AirRecords,
  Conversation,
  Conversations,
  Counters,
  Leases,
  Script,
  ScriptOutcome,
  Scripts,
} from '../bearers/records.ts'

export interface AirTables {
  ota_counter: { iccid: string; counter: number }
  ota_lease: { iccid: string; holder: string; held_until: string }
  ota_conversation: {
    id: string
    order_id: string
    iccid: string
    bearer: string
    valid_until: string
    state: string
  }
  ota_script: {
    function_call: string
    conversation_id: string
    fingerprint: Uint8Array
    /** JSON: the responses in base64, or the refusal. */
    outcome: string | null
  }
}

export const overTheAir: Migration = {
  name: 'over the air: counters, leases, conversations, scripts',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('ota_counter')
      .addColumn('iccid', 'text', (column) => column.primaryKey())
      .addColumn('counter', 'bigint', (column) => column.notNull())
      .execute()
    await schema
      .createTable('ota_lease')
      .addColumn('iccid', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('held_until', 'text', (column) => column.notNull())
      .execute()
    await schema
      .createTable('ota_conversation')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('order_id', 'text', (column) => column.notNull())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('bearer', 'text', (column) => column.notNull())
      .addColumn('valid_until', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .execute()
    await schema.createIndex('ota_conversation_order').on('ota_conversation').column('order_id').execute()
    await schema
      .createTable('ota_script')
      .addColumn('function_call', 'text', (column) => column.primaryKey())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('fingerprint', octets, (column) => column.notNull())
      .addColumn('outcome', 'text')
      .execute()
    await schema.createIndex('ota_script_conversation').on('ota_script').column('conversation_id').execute()
  },
}

export function airRecordsIn({ db, transaction }: Pick<Store<AirTables>, 'db' | 'transaction'>): AirRecords {
  return {
    counters: countersIn(db),
    leases: leasesIn(db),
    conversations: conversationsIn(db, transaction),
    scripts: scriptsIn(db),
  }
}

/** One statement: two that ask at once get two counters. */
const countersIn = (db: Kysely<AirTables>): Counters => ({
  next: async (iccid) => {
    const { counter } = await db
      .insertInto('ota_counter')
      .values({ iccid, counter: 1 })
      .onConflict((conflict) => conflict.column('iccid').doUpdateSet({ counter: sql`ota_counter.counter + 1` }))
      .returning('counter')
      .executeTakeFirstOrThrow()
    return counter
  },
})

const leasesIn = (db: Kysely<AirTables>): Leases => ({
  take: async ({ iccid, holder, until }, now) => {
    const held = { holder, held_until: until.toISOString() }
    const taken = await db
      .insertInto('ota_lease')
      .values({ iccid, ...held })
      .onConflict((conflict) =>
        conflict
          .column('iccid')
          .doUpdateSet(held)
          .where(({ eb, or }) =>
            or([eb('ota_lease.holder', '=', holder), eb('ota_lease.held_until', '<=', now.toISOString())]),
          ),
      )
      .returning('holder')
      .executeTakeFirst()
    return taken !== undefined
  },
  release: async (iccid, holder) => {
    await db.deleteFrom('ota_lease').where('iccid', '=', iccid).where('holder', '=', holder).execute()
  },
})

const conversationColumns = ['id', 'order_id', 'iccid', 'bearer', 'valid_until', 'state'] as const

const conversationsIn = (db: Kysely<AirTables>, transaction: Store<AirTables>['transaction']): Conversations => ({
  find: async (id) => {
    const row = await db
      .selectFrom('ota_conversation')
      .select(conversationColumns)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toConversation(row)
  },
  begin: ({ id, orderId, iccid, bearer, validUntil, state }) =>
    transaction(async (held) => {
      const earlier = held.selectFrom('ota_conversation').select('id').where('order_id', '=', orderId)
      const ended = await earlier.where('state', '=', 'open').execute()
      await held.deleteFrom('ota_script').where('conversation_id', 'in', earlier).execute()
      await held.updateTable('ota_conversation').set({ state: 'over' }).where('order_id', '=', orderId).execute()
      const row = { id, order_id: orderId, iccid, bearer, valid_until: validUntil.toISOString(), state }
      await held.insertInto('ota_conversation').values(row).execute()
      return ended.map((one) => one.id)
    }),
  end: async (id) => {
    await db.updateTable('ota_conversation').set({ state: 'over' }).where('id', '=', id).execute()
  },
})

const toConversation = (row: Selectable<AirTables['ota_conversation']>): Conversation => ({
  id: row.id,
  orderId: row.order_id,
  iccid: row.iccid,
  bearer: row.bearer === 'scp81' ? 'scp81' : 'scp80',
  validUntil: new Date(row.valid_until),
  state: row.state === 'open' ? 'open' : 'over',
})

const scriptsIn = (db: Kysely<AirTables>): Scripts => ({
  find: async (functionCall) => {
    const row = await db
      .selectFrom('ota_script')
      .select(['function_call', 'conversation_id', 'fingerprint', 'outcome'])
      .where('function_call', '=', functionCall)
      .executeTakeFirst()
    return row && toScript(row)
  },
  begin: async ({ functionCall, conversation, fingerprint }) => {
    const begun = await db
      .insertInto('ota_script')
      .values({ function_call: functionCall, conversation_id: conversation, fingerprint, outcome: null })
      .onConflict((conflict) => conflict.column('function_call').doNothing())
      .returning('function_call')
      .executeTakeFirst()
    return begun !== undefined
  },
  finish: async (functionCall, outcome) => {
    await db
      .updateTable('ota_script')
      .set({ outcome: written(outcome) })
      .where('function_call', '=', functionCall)
      .execute()
  },
})

const written = (outcome: ScriptOutcome): string =>
  JSON.stringify(
    'responses' in outcome
      ? { responses: outcome.responses.map((response) => response.toBase64()) }
      : { code: outcome.refusal.code, message: outcome.refusal.message },
  )

function read(text: string): ScriptOutcome {
  const kept: { responses?: string[]; code?: string; message?: string } = JSON.parse(text)
  if (kept.responses !== undefined)
    return { responses: kept.responses.map((response) => Uint8Array.fromBase64(response)) }
  const { code = '', message = '' } = kept
  if (!isRefusalCode(code)) throw new Error(`the store holds the unknown refusal ${code}`)
  return { refusal: { code, message } }
}

const toScript = (row: Selectable<AirTables['ota_script']>): Script => ({
  functionCall: row.function_call,
  conversation: row.conversation_id,
  fingerprint: new Uint8Array(row.fingerprint),
  ...(row.outcome !== null && { outcome: read(row.outcome) }),
})
