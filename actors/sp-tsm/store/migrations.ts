/** How SP-TSM's tables came to be. */
import type { ColumnTypes, Migration } from '@mobile-jpki/store'
import { type Kysely, sql } from 'kysely'
import { lifeEvents, openLifeTasks } from '../life/store/tables.ts'
import { binding } from './binding.ts'

const sealedTables = ['sp_order', 'sp_life', 'sp_life_task'] as const

export const migrations: readonly Migration[] = [
  {
    name: 'orders',
    up: async (db, { octets }) => {
      await db.schema
        .createTable('sp_order')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('iccid', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('access_code', octets, (column) => column.unique())
        .addColumn('session', octets, (column) => column.unique())
        .addColumn('code_expires', 'text')
        .addColumn('wrong_tries', 'integer', (column) => column.notNull())
        .addColumn('applicant', 'text', (column) => column.notNull())
        .addColumn('sign_certificate', 'text', (column) => column.notNull())
        .addColumn('phone_certificate', 'text')
        .addColumn('form', 'text', (column) => column.notNull())
        .addColumn('trouble', 'text')
        .addColumn('application', octets, (column) => column.notNull())
        .addColumn('password', octets, (column) => column.notNull())
        .addColumn('sealed_access_code', octets)
        .addColumn('security_domain', octets)
        .addColumn('instance_aid', octets)
        .addColumn('own_key_set', octets)
        .addColumn('initial_key_set', octets)
        .addColumn('initial_key_version', 'integer')
        .execute()
      await db.schema.createIndex('sp_order_by_sim').on('sp_order').columns(['iccid', 'created_at']).execute()
      await db.schema.createIndex('sp_order_by_state').on('sp_order').columns(['state', 'created_at']).execute()
    },
  },
  {
    name: 'discards',
    up: async (db) => {
      await db.schema
        .alterTable('sp_order')
        .addColumn('discard_owed', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema.createIndex('sp_order_by_debt').on('sp_order').columns(['discard_owed', 'created_at']).execute()
      await db.schema.createIndex('sp_order_by_end').on('sp_order').columns(['state', 'code_expires']).execute()
    },
  },
  { name: 'leases', up: addLeases },
  { name: 'letters', up: addLetters },
  binding,
  lifeEvents,
  {
    name: 'terms of security domains',
    up: async (db) => {
      await db.schema.alterTable('sp_order').addColumn('terms', 'text').execute()
      // Until then every SP area was of one kind.
      const terms = JSON.stringify({
        management: 'simple',
        scp: 3,
        i: 0x70,
        keyBits: 128,
        minimumLevel: 0x01,
        largestData: 255,
        confidentialSetUp: true,
      })
      await sql`update sp_order set terms = ${terms} where security_domain is not null`.execute(db)
    },
  },
  {
    name: 'seals of rows',
    up: async ({ schema }, { octets }) => {
      for (const table of sealedTables) await schema.alterTable(table).addColumn('seal', octets).execute()
    },
  },
  openLifeTasks,
]

/** What is due stands in an index of its own, and nobody walks through orders to find it. */
async function addLeases(db: Kysely<unknown>, { octets }: ColumnTypes): Promise<void> {
  for (const name of ['due_at', 'lease_owner', 'lease_until', 'bearer', 'setback', 'replaced_by', 'whose', 'waits_for'])
    await db.schema.alterTable('sp_order').addColumn(name, 'text').execute()
  for (const name of ['lease_token', 'terminate_owed'])
    await db.schema
      .alterTable('sp_order')
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  await db.schema
    .alterTable('sp_order')
    .addColumn('carrier', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  const carrier = octets === 'bytea' ? sql`form::json->>'carrier'` : sql`json_extract(form, '$.carrier')`
  await sql`update sp_order set carrier = ${carrier}`.execute(db)
  await sql`update sp_order set due_at = created_at
    where discard_owed = 1 or state in ('applied', 'verified', 'certified')`.execute(db)
  await sql`update sp_order set due_at = code_expires
    where state in ('codeSent', 'authenticated', 'domainReady', 'appletInstalled')`.execute(db)
  for (const index of ['sp_order_by_state', 'sp_order_by_debt', 'sp_order_by_end'])
    await db.schema.dropIndex(index).execute()
  await db.schema.createIndex('sp_order_due').on('sp_order').column('due_at').where('due_at', 'is not', null).execute()
  await db.schema.createIndex('sp_order_by_age').on('sp_order').columns(['created_at', 'id']).execute()
  for (const column of ['state', 'carrier', 'whose', 'waits_for'])
    await db.schema
      .createIndex(`sp_order_by_${column}`)
      .on('sp_order')
      .columns([column, 'created_at', 'id'])
      .where(column, 'is not', null)
      .execute()
  await db.schema
    .createTable('sp_order_event')
    .addColumn('order_id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('from_state', 'text', (column) => column.notNull())
    .addColumn('to_state', 'text', (column) => column.notNull())
    .addColumn('by_actor', 'text')
    .addColumn('code', 'text')
    .addColumn('whose', 'text')
    .addColumn('detail', 'text')
    .addPrimaryKeyConstraint('sp_order_event_key', ['order_id', 'number'])
    .execute()
}

async function addLetters(db: Kysely<unknown>, { octets }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('sp_letter')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('order_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('sealed_code', octets)
    .addColumn('written_at', 'text', (column) => column.notNull())
    .addColumn('due_at', 'text')
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('lease_until', 'text')
    .addColumn('lease_token', 'integer', (column) => column.notNull())
    .addColumn('sent_at', 'text')
    .addColumn('refused_at', 'text')
    .addUniqueConstraint('sp_letter_once', ['order_id', 'kind', 'name'])
    .execute()
  await db.schema
    .createIndex('sp_letter_due')
    .on('sp_letter')
    .column('due_at')
    .where('due_at', 'is not', null)
    .execute()
  await db.schema
    .createTable('sp_pin')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('turn', 'text', (column) => column.notNull())
    .addColumn('attestation', octets, (column) => column.notNull())
    .addColumn('instance_aid', octets, (column) => column.notNull())
    .addColumn('wanted_until', 'text', (column) => column.notNull())
    .addColumn('envelope', octets)
    .execute()
  await db.schema
    .createTable('sp_rate')
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('since', 'text', (column) => column.notNull())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('sp_rate_key', ['what', 'since'])
    .execute()
  await db.schema.createIndex('sp_rate_by_age').on('sp_rate').column('since').execute()
}
