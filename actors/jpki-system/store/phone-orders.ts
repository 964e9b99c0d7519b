/** Orders of SP-TSM with the linkage of ⑧, and the key that waits for its applet. */
import type { Kysely, Selectable } from 'kysely'
import type { PhoneOrder, PhoneOrders } from '../domain/world.ts'
import type { Tables } from './tables.ts'

const columns = [
  'order_id',
  'person_id',
  'iccid',
  'key_generation',
  'attested_by',
  'sign_serial_number',
  'auth_serial_number',
  'serial_number',
  'sealed_private_key',
  'taken_key',
  'taken_public_key',
  'waits_until',
  'proven_at',
  'ended_at',
  'stopped_at',
] as const

/** A key that the order took from the stock is not yet the sealed key of a certificate. */
const keyIn = (row: Selectable<Tables['phone_order']>): Pick<PhoneOrder, 'sealedPrivateKey' | 'taken'> => {
  const { taken_key: id, taken_public_key: publicKey, sealed_private_key: sealedPrivateKey } = row
  if (sealedPrivateKey === null) return {}
  return id === null || publicKey === null ? { sealedPrivateKey } : { taken: { id, publicKey, sealedPrivateKey } }
}

const toOrder = (row: Selectable<Tables['phone_order']>): PhoneOrder => ({
  orderId: row.order_id,
  personId: row.person_id,
  iccid: row.iccid,
  keyGeneration: row.key_generation,
  attestedBy: row.attested_by,
  signSerialNumber: row.sign_serial_number,
  authSerialNumber: row.auth_serial_number,
  ...(row.serial_number !== null && { serialNumber: row.serial_number }),
  ...keyIn(row),
  ...(row.waits_until !== null && { waitsUntil: new Date(row.waits_until) }),
  ...(row.proven_at !== null && { provenAt: new Date(row.proven_at) }),
  ...(row.ended_at !== null && { endedAt: new Date(row.ended_at) }),
  ...(row.stopped_at !== null && { stoppedAt: new Date(row.stopped_at) }),
})

const withoutKey = { sealed_private_key: null, taken_key: null, taken_public_key: null } as const

export const phoneOrdersIn = (db: Kysely<Tables>): PhoneOrders => ({
  find: async (orderId) => {
    const row = await db.selectFrom('phone_order').select(columns).where('order_id', '=', orderId).executeTakeFirst()
    return row && toOrder(row)
  },
  findByCertificate: async (serialNumber) => {
    const row = await db
      .selectFrom('phone_order')
      .select(columns)
      .where('serial_number', '=', serialNumber)
      .executeTakeFirst()
    return row && toOrder(row)
  },
  provenByCasd: async (iccid) => {
    const row = await db
      .selectFrom('phone_order')
      .select('order_id')
      .where('iccid', '=', iccid)
      .where('attested_by', '=', 'casd')
      .where('proven_at', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  },
  reserve: async (order) => {
    await db
      .insertInto('phone_order')
      .values({
        order_id: order.orderId,
        person_id: order.personId,
        iccid: order.iccid,
        key_generation: order.keyGeneration,
        attested_by: order.attestedBy,
        sign_serial_number: order.signSerialNumber,
        auth_serial_number: order.authSerialNumber,
        serial_number: null,
        sealed_private_key: order.taken?.sealedPrivateKey ?? null,
        taken_key: order.taken?.id ?? null,
        taken_public_key: order.taken?.publicKey ?? null,
        waits_until: order.waitsUntil?.toISOString() ?? null,
        proven_at: null,
        ended_at: null,
        stopped_at: null,
      })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute()
  },
  attach: async (orderId, { serialNumber, sealedPrivateKey, waitsUntil }, instead) => {
    const { numUpdatedRows } = await db
      .updateTable('phone_order')
      .set({
        ...withoutKey,
        serial_number: serialNumber,
        sealed_private_key: sealedPrivateKey ?? null,
        waits_until: waitsUntil.toISOString(),
      })
      .where('order_id', '=', orderId)
      .where((is) => (instead === undefined ? is('serial_number', 'is', null) : is('serial_number', '=', instead)))
      .where('proven_at', 'is', null)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  leaveTaken: async (orderId, id) => {
    const { numUpdatedRows } = await db
      .updateTable('phone_order')
      .set(withoutKey)
      .where('order_id', '=', orderId)
      .where('taken_key', '=', id)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  prove: async (orderId, at) => {
    await db
      .updateTable('phone_order')
      .set({ ...withoutKey, proven_at: at.toISOString(), waits_until: null })
      .where('order_id', '=', orderId)
      .execute()
  },
  end: async (orderId, at) => {
    await db
      .updateTable('phone_order')
      .set({ ...withoutKey, ended_at: at.toISOString(), waits_until: null })
      .where('order_id', '=', orderId)
      .execute()
  },
  stop: async (orderId, at) => {
    await db.updateTable('phone_order').set({ stopped_at: at.toISOString() }).where('order_id', '=', orderId).execute()
  },
  resume: async (orderId) => {
    await db
      .updateTable('phone_order')
      .set({ stopped_at: null, ended_at: null })
      .where('order_id', '=', orderId)
      .execute()
  },
  overdue: async (at, { after, size }) => {
    const rows = await db
      .selectFrom('phone_order')
      .select(['order_id', 'waits_until'])
      .where('waits_until', 'is not', null)
      .where('waits_until', '<=', at.toISOString())
      .where(({ and, eb, or, val }) =>
        after === undefined
          ? val(true)
          : or([
              eb('waits_until', '>', after.waitsUntil.toISOString()),
              and([eb('waits_until', '=', after.waitsUntil.toISOString()), eb('order_id', '>', after.orderId)]),
            ]),
      )
      .orderBy('waits_until')
      .orderBy('order_id')
      .limit(size)
      .execute()
    return rows.map((row) => ({ orderId: row.order_id, waitsUntil: new Date(row.waits_until as string) }))
  },
})
