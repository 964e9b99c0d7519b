/**
 * Keys that wait: who makes an order's key, until when it waits, and pairs made ahead. An order of before that still waits gets the
 * usual time from the beginning of its certificate, and one that has none yet from now.
 */
import type { Migration } from '@mobile-jpki/store'
import { type Kysely, sql } from 'kysely'
import { authorityCodes } from '../codes.ts'

const usualDays = 15

export const phoneKeys: Migration = {
  name: 'keys that wait',
  up: async (db, { octets }) => {
    const { schema } = db
    await schema
      .alterTable('phone_order')
      .addColumn('key_generation', 'text', (column) => column.notNull().defaultTo('central'))
      .execute()
    await schema.alterTable('phone_order').addColumn('waits_until', 'text').execute()
    await schema.alterTable('phone_order').addColumn('taken_key', 'text').execute()
    await schema.alterTable('phone_order').addColumn('taken_public_key', octets).execute()
    await giveTime(db, octets === 'bytea')
    await schema
      .createIndex('phone_order_waiting')
      .on('phone_order')
      .columns(['waits_until', 'order_id'])
      .where(sql<boolean>`waits_until is not null`)
      .execute()
    await schema
      .createTable('key_stock')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('public_key', octets, (column) => column.notNull())
      .addColumn('sealed_private_key', octets, (column) => column.notNull())
      .execute()
  },
}

async function giveTime(db: Kysely<unknown>, ofPostgres: boolean): Promise<void> {
  const octetsOfSerial = ofPostgres
    ? sql`decode(phone_order.serial_number, 'hex')`
    : sql`unhex(phone_order.serial_number)`
  const seconds = sql`coalesce(
    (select not_before from certificate
      where certificate.authority = ${sql.lit(authorityCodes.auth)} and certificate.serial_number = ${octetsOfSerial}),
    ${sql.lit(Math.floor(Date.now() / 1000))}) + ${sql.lit(usualDays * 86_400)}`
  const text = ofPostgres
    ? sql`to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`
    : sql`strftime('%Y-%m-%dT%H:%M:%S.000Z', ${seconds}, 'unixepoch')`
  await sql`update phone_order set waits_until = ${text} where proven_at is null and ended_at is null`.execute(db)
}
