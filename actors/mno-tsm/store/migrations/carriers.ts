/** From one carrier to several; function calls, notifications and signing keys are new. */
import { iccidOctets } from '@mobile-jpki/jpki'
import type { Migration } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import { imsiOf } from '../../domain/sim.ts'
import type { Tables } from '../schema.ts'

/** Whose SIMs stand in a registry of one carrier: there was no other one then. All of them had keys of version 30 and this issuer number. */
const before = { carrier: 'carrier-a', keyVersion: 0x30, issuerNumber: '89811000' } as const

export const carriers: Migration = {
  name: 'carriers, function calls, notifications, signing keys',
  up: async (db, { octets }) => {
    const { schema } = db
    for (const [name, type, otherwise] of [
      ['carrier', 'text', before.carrier],
      ['se_id', 'text', ''],
      ['imsi', 'text', ''],
      ['key_version', 'integer', before.keyVersion],
    ] as const)
      await schema
        .alterTable('sim')
        .addColumn(name, type, (column) => column.notNull().defaultTo(otherwise))
        .execute()
    await schema.alterTable('sim').addColumn('successor', 'text').execute()
    await schema.createIndex('sim_carrier').on('sim').columns(['carrier', 'iccid']).execute()
    await nameSims(db as Kysely<Tables>)

    await schema
      .createTable('line')
      .addColumn('carrier', 'text', (column) => column.notNull())
      .addColumn('msisdn', 'text', (column) => column.notNull())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('subscriber', 'text', (column) => column.notNull())
      .addColumn('user_name', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('device_model', 'text')
      .addColumn('device_os', 'text')
      .addPrimaryKeyConstraint('line_primary', ['carrier', 'msisdn'])
      .execute()
    await schema.createIndex('line_iccid').on('line').column('iccid').execute()
    await schema.createIndex('line_msisdn').on('line').column('msisdn').execute()

    await schema
      .createTable('function_call')
      .addColumn('caller', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('answer', octets, (column) => column.notNull())
      .addColumn('kept_until', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('function_call_primary', ['caller', 'id'])
      .execute()
    await schema.createIndex('function_call_kept_until').on('function_call').column('kept_until').execute()
    await schema
      .createTable('notification')
      .addColumn('position', octets === 'blob' ? 'integer' : 'bigserial', (column) => column.primaryKey())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('carrier', 'text', (column) => column.notNull())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('other_iccid', 'text')
      .addColumn('message', 'text', (column) => column.notNull())
      .addColumn('happened_at', 'text', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('trouble', 'text')
      .addColumn('taken_at', 'text')
      .execute()
    await schema.createIndex('notification_taken').on('notification').columns(['taken_at', 'position']).execute()
    await schema.createIndex('notification_iccid').on('notification').column('iccid').execute()
    await schema.createIndex('notification_other_iccid').on('notification').column('other_iccid').execute()
    await moveLines(db as Kysely<Tables & Before>)
    await schema
      .createTable('signing_key')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('sealed', octets, (column) => column.notNull())
      .execute()
  },
}

interface Before {
  subscription: { msisdn: string; iccid: string; subscriber: string; user_name: string | null; state: string }
}

async function nameSims(db: Kysely<Tables>): Promise<void> {
  for (const { iccid } of await db.selectFrom('sim').select('iccid').execute()) {
    const seId = `${before.issuerNumber}${iccidOctets(iccid).toHex()}`.toUpperCase()
    await db
      .updateTable('sim')
      .set({ se_id: seId, imsi: imsiOf(iccid) })
      .where('iccid', '=', iccid)
      .execute()
  }
}

/** The network, which is new as well, is told of them. */
async function moveLines(db: Kysely<Tables & Before>): Promise<void> {
  const { carrier } = before
  const columns = ['msisdn', 'iccid', 'subscriber', 'user_name', 'state'] as const
  for (const line of await db.selectFrom('subscription').select(columns).execute()) {
    await db
      .insertInto('line')
      .values({ ...line, carrier, device_model: null, device_os: null })
      .execute()
    const { msisdn, iccid, state } = line
    if (state === 'ended') continue
    const at = new Date(0).toISOString()
    const news = { name: 'setLine', carrier, iccid, other_iccid: null, message: JSON.stringify({ msisdn, iccid }) }
    await db
      .insertInto('notification')
      .values({ ...news, id: `moved-${msisdn}`, happened_at: at, tries: 0, due_at: at, trouble: null, taken_at: null })
      .execute()
  }
  await db.schema.dropTable('subscription').execute()
}
