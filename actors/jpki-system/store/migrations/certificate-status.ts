/**
 * Status apart from certificate: what nodes read is narrow and names nobody, and a revocation touches one row. A certificate of before
 * gets the partition of its person's municipality, and nothing that was revoked counts as listed until the next lists are out.
 */
import type { ColumnTypes, Migration } from '@mobile-jpki/store'
import { type Kysely, sql } from 'kysely'
import { authorityCodes, kindCodes, reasonCodes, stateCodes, unlistedAnywhere } from '../codes.ts'

const statusSchema = async ({ schema }: Kysely<unknown>, { octets }: ColumnTypes) => {
  await schema
    .createTable('certificate_status')
    .addColumn('authority', 'smallint', (column) => column.notNull())
    .addColumn('serial_number', octets, (column) => column.notNull())
    .addColumn('generation', 'smallint', (column) => column.notNull())
    .addColumn('partition', 'integer')
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('reason', 'smallint')
    .addColumn('unlisted', 'smallint')
    .addColumn('answer', octets)
    .addColumn('responder', 'integer')
    .addColumn('answer_due', 'bigint')
    .addPrimaryKeyConstraint('certificate_status_key', ['authority', 'serial_number'])
    .execute()
  await schema
    .createTable('ocsp_responder')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('authority', 'smallint', (column) => column.notNull())
    .addColumn('generation', 'smallint', (column) => column.notNull())
    .addColumn('certificate', octets, (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .execute()
}

/** Made after the rows are carried over; each holds only the rows that somebody looks for by it. */
const indexes = async ({ schema }: Kysely<unknown>) => {
  await schema.createIndex('certificate_of_person').on('certificate').columns(['person_id', 'kind']).execute()
  await schema
    .createIndex('certificate_status_revoked')
    .on('certificate_status')
    // All that a list says: a million entries are read from the index alone, in their order.
    .columns(['authority', 'generation', 'partition', 'serial_number', 'not_after', 'revoked_at', 'reason'])
    .where(sql<boolean>`revoked_at is not null`)
    .execute()
  await schema
    .createIndex('certificate_status_unlisted')
    .on('certificate_status')
    .columns(['authority', 'generation', 'partition'])
    .where(sql<boolean>`unlisted is not null`)
    .execute()
  await schema
    .createIndex('certificate_status_answer_due')
    .on('certificate_status')
    .column('answer_due')
    .where(sql<boolean>`answer_due is not null`)
    .execute()
}

const codeOf = (column: string, codes: Readonly<Record<string, number>>) =>
  sql`case ${sql.ref(column)} ${sql.join(
    Object.entries(codes).map(([name, code]) => sql`when ${sql.lit(name)} then ${sql.lit(code)}`),
    sql` `,
  )} end`

async function carryOver(db: Kysely<unknown>, { octets }: ColumnTypes): Promise<void> {
  const ofPostgres = octets === 'bytea'
  const octetsOf = (column: string) =>
    ofPostgres ? sql`decode(${sql.ref(column)}, 'hex')` : sql`unhex(${sql.ref(column)})`
  const secondsOf = (column: string) =>
    ofPostgres
      ? sql`floor(extract(epoch from ${sql.ref(column)}::timestamptz))::bigint`
      : sql`unixepoch(${sql.ref(column)})`
  await sql`
    insert into certificate_status
      (authority, serial_number, generation, "partition", state, not_after, revoked_at, reason, unlisted, answer_due)
    select ${codeOf('authority', authorityCodes)}, ${octetsOf('serial_number')}, generation,
      cast(person.municipality_code as integer), ${codeOf('state', stateCodes)}, ${secondsOf('not_after')},
      ${secondsOf('revoked_at')}, ${codeOf('reason', reasonCodes)},
      case when revoked_at is null then null else ${sql.lit(unlistedAnywhere)} end,
      case when state in ('valid', 'held', 'revoked') and kind <> 'responder' then 0 end
    from certificate_before left join person on person.id = certificate_before.person_id`.execute(db)
  await sql`
    insert into certificate (authority, serial_number, kind, person_id, key_identifier, not_before, der, successor)
    select ${codeOf('authority', authorityCodes)}, ${octetsOf('serial_number')}, ${codeOf('kind', kindCodes)}, person_id,
      ${octetsOf('key_identifier')}, ${secondsOf('not_before')}, der, ${octetsOf('successor')}
    from certificate_before`.execute(db)
}

const certificateSchema = async (db: Kysely<unknown>, { octets }: ColumnTypes) => {
  const { schema } = db
  await schema
    .createTable('certificate')
    .addColumn('authority', 'smallint', (column) => column.notNull())
    .addColumn('serial_number', octets, (column) => column.notNull())
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.references('person.id'))
    .addColumn('key_identifier', octets, (column) => column.notNull())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('der', octets, (column) => column.notNull())
    .addColumn('successor', octets)
    .addPrimaryKeyConstraint('certificate_narrow_key', ['authority', 'serial_number'])
    .addUniqueConstraint('certificate_narrow_by_key', ['authority', 'key_identifier'])
    .execute()
}
/** The list of all stays with its number; the count of revocations, which every revocation had to write, is gone. */
const partitionedLists = async (db: Kysely<unknown>, { octets }: ColumnTypes) => {
  const { schema } = db
  await schema.alterTable('crl').renameTo('crl_before').execute()
  await schema
    .createTable('crl')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('partition', 'integer', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('this_update', 'text', (column) => column.notNull())
    .addColumn('names', octets)
    .addColumn('der', octets, (column) => column.notNull())
    .addPrimaryKeyConstraint('crl_of_partition_key', ['name', 'generation', 'partition'])
    .execute()
  await schema.createIndex('crl_by_age').on('crl').columns(['name', 'generation', 'this_update']).execute()
  await sql`
    insert into crl (name, generation, "partition", number, this_update, der)
    select name, generation, 0, number, this_update, der from crl_before`.execute(db)
  await schema.dropTable('crl_before').execute()
  await schema.alterTable('ca_generation').dropColumn('revocations').execute()
}

export const certificateStatus: Migration = {
  name: 'certificate status',
  up: async (db, types) => {
    await db.schema.dropIndex('certificate_of_person').execute()
    await db.schema.alterTable('certificate').renameTo('certificate_before').execute()
    await certificateSchema(db, types)
    await statusSchema(db, types)
    await carryOver(db, types)
    await db.schema.dropTable('certificate_before').execute()
    await indexes(db)
    await partitionedLists(db, types)
  },
}
