/** Which certificate came after which (新旧シリアル番号の紐付け). */
import { type Kysely, sql } from 'kysely'
import type { Linkage } from '../domain/world.ts'
import { authorityCodes, kindCodes } from './codes.ts'
import type { Tables } from './tables.ts'

export const linkageIn = (db: Kysely<Tables>): Linkage => ({
  successorOf: async (authority, serialNumber) => {
    const row = await db
      .withRecursive('chain(serial_number, successor, length)', (recursive) =>
        recursive
          .selectFrom('certificate')
          .select(['serial_number', 'successor', sql<number>`0`.as('length')])
          .where('authority', '=', authorityCodes[authority])
          .where('serial_number', '=', Uint8Array.fromHex(serialNumber))
          .where('person_id', 'is not', null)
          .unionAll((following) =>
            following
              .selectFrom('chain')
              .innerJoin('certificate', (join) =>
                join
                  .on('certificate.authority', '=', authorityCodes[authority])
                  .onRef('certificate.serial_number', '=', 'chain.successor'),
              )
              .select(['certificate.serial_number', 'certificate.successor', sql<number>`length + 1`.as('length')]),
          ),
      )
      .selectFrom('chain')
      .select('serial_number')
      .orderBy('length', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.serial_number.toHex()
  },
  follow: async (personId, kind, successor) => {
    await db
      .updateTable('certificate')
      .set({ successor: Uint8Array.fromHex(successor) })
      .where('person_id', '=', personId)
      .where('kind', '=', kindCodes[kind])
      .where('successor', 'is', null)
      .where('serial_number', '<>', Uint8Array.fromHex(successor))
      .execute()
  },
})
