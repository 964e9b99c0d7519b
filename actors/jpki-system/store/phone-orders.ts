/** Orders of SP-TSM with the linkage of ⑧. */
import type { Kysely, Selectable } from 'kysely'
import type { PhoneOrder, PhoneOrders } from '../domain/world.ts'
import type { Tables } from './tables.ts'

const columns = [
  'order_id',
  'person_id',
  'iccid',
  'sign_serial_number',
  'auth_serial_number',
  'serial_number',
  'sealed_private_key',
  'proven_at',
  'ended_at',
] as const

const toOrder = (row: Selectable<Tables['phone_order']>): PhoneOrder => ({
  orderId: row.order_id,
  personId: row.person_id,
  iccid: row.iccid,
  signSerialNumber: row.sign_serial_number,
  authSerialNumber: row.auth_serial_number,
  ...(row.serial_number !== null && { serialNumber: row.serial_number }),
  ...(row.sealed_private_key !== null && { sealedPrivateKey: row.sealed_private_key }),
  ...(row.proven_at !== null && { provenAt: new Date(row.proven_at) }),
  ...(row.ended_at !== null && { endedAt: new Date(row.ended_at) }),
})

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
  reserve: async (order) => {
    await db
      .insertInto('phone_order')
      .values({
        order_id: order.orderId,
        person_id: order.personId,
        iccid: order.iccid,
        sign_serial_number: order.signSerialNumber,
        auth_serial_number: order.authSerialNumber,
        serial_number: null,
        sealed_private_key: null,
        proven_at: null,
        ended_at: null,
      })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute()
  },
  attach: async (orderId, serialNumber, sealedPrivateKey) => {
    const { numUpdatedRows } = await db
      .updateTable('phone_order')
      .set({ serial_number: serialNumber, sealed_private_key: sealedPrivateKey })
      .where('order_id', '=', orderId)
      .where('serial_number', 'is', null)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  prove: async (orderId, at) => {
    await db
      .updateTable('phone_order')
      .set({ proven_at: at.toISOString(), sealed_private_key: null })
      .where('order_id', '=', orderId)
      .execute()
  },
  end: async (orderId, at) => {
    await db
      .updateTable('phone_order')
      .set({ ended_at: at.toISOString(), sealed_private_key: null })
      .where('order_id', '=', orderId)
      .execute()
  },
})
