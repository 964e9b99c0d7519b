/** Rows that are older than seals. They are sealed once, by whoever makes the key of the seals; later a row without one counts as changed. */
import type { Store } from '@mobile-jpki/store'
import { lifeColumns, sealLife, sealTask, taskColumns } from '../../life/store/rows.ts'
import { orderColumns, sealOrder } from '../rows.ts'
import type { Tables } from '../tables.ts'
import type { Seals } from './seals.ts'

export const sealEarlierRows = (store: Store<Tables>, seals: Seals): Promise<void> =>
  store.transaction(async (db) => {
    for (const row of await db.selectFrom('sp_order').select(orderColumns).where('seal', 'is', null).execute())
      await db
        .updateTable('sp_order')
        .set({ seal: await sealOrder(seals, row) })
        .where('id', '=', row.id)
        .execute()
    for (const row of await db.selectFrom('sp_life').select(lifeColumns).where('seal', 'is', null).execute())
      await db
        .updateTable('sp_life')
        .set({ seal: await sealLife(seals, row) })
        .where('order_id', '=', row.order_id)
        .execute()
    for (const row of await db.selectFrom('sp_life_task').select(taskColumns).where('seal', 'is', null).execute())
      await db
        .updateTable('sp_life_task')
        .set({ seal: await sealTask(seals, row) })
        .where('id', '=', row.id)
        .execute()
  })
