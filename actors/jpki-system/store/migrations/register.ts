/** The register as it was first: one table of certificates, one full list for each generation. */
import type { Migration } from '@mobile-jpki/store'
import { sql } from 'kysely'

export const register: Migration = {
  name: 'the register',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('ca_generation')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('certificate', octets, (column) => column.notNull())
      .addColumn('revocations', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('ca_generation_key', ['name', 'generation'])
      .execute()
    await schema
      .createTable('crl')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('number', 'bigint', (column) => column.notNull())
      .addColumn('revocations', 'bigint', (column) => column.notNull())
      .addColumn('this_update', 'text', (column) => column.notNull())
      .addColumn('der', octets, (column) => column.notNull())
      .addPrimaryKeyConstraint('crl_key', ['name', 'generation'])
      .execute()
    await schema
      .createTable('person')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('birth_date', 'text', (column) => column.notNull())
      .addColumn('municipality_code', 'text', (column) => column.notNull())
      .addColumn('prefecture', 'text', (column) => column.notNull())
      .addColumn('city', 'text', (column) => column.notNull())
      .addColumn('card_expires', 'text', (column) => column.notNull())
      .execute()
    await schema
      .createTable('certificate')
      .addColumn('authority', 'text', (column) => column.notNull())
      .addColumn('serial_number', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('person_id', 'text', (column) => column.references('person.id'))
      .addColumn('key_identifier', 'text', (column) => column.notNull())
      .addColumn('not_before', 'text', (column) => column.notNull())
      .addColumn('not_after', 'text', (column) => column.notNull())
      .addColumn('der', octets, (column) => column.notNull())
      .addColumn('revoked_at', 'text')
      .addColumn('reason', 'text')
      .addColumn('successor', 'text')
      .addPrimaryKeyConstraint('certificate_key', ['authority', 'serial_number'])
      .addUniqueConstraint('certificate_by_key', ['authority', 'key_identifier'])
      .execute()
    await schema
      .createIndex('certificate_of_person')
      .on('certificate')
      .columns(['person_id', 'kind', 'state'])
      .execute()
    await schema
      .createIndex('certificate_revoked')
      .on('certificate')
      .columns(['authority', 'generation', 'not_after'])
      .where(sql<boolean>`revoked_at is not null`)
      .execute()
    await schema
      .createTable('phone_order')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('person_id', 'text', (column) => column.notNull().references('person.id'))
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('sign_serial_number', 'text', (column) => column.notNull())
      .addColumn('auth_serial_number', 'text', (column) => column.notNull())
      .addColumn('serial_number', 'text', (column) => column.unique())
      .addColumn('sealed_private_key', octets)
      .addColumn('proven_at', 'text')
      .addColumn('ended_at', 'text')
      .execute()
  },
}
