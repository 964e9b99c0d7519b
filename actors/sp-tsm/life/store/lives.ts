/** Lives and their tasks in SQL, the same text for SQLite and PostgreSQL. A change, its tasks and its letters are one transaction. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Store } from '@mobile-jpki/store'
import type { Kysely, Transaction } from 'kysely'
import { writeLetters } from '../../store/letters.ts'
import type { Seals } from '../../store/seals/seals.ts'
import type { Tables } from '../../store/tables.ts'
import type { Life } from '../life.ts'
import type { Lives } from '../lives.ts'
import type { Task } from '../task.ts'
import { lifeColumns, taskColumns, toLife, toLifeRow, toTask, toTaskRow } from './rows.ts'
import { isOpenTask, type LifeRow, type LifeTaskRow } from './tables.ts'

export const livesIn = (store: Store<Tables>, now: () => Date, seals: Seals): Lives => {
  const { db } = store
  const lives = () => db.selectFrom('sp_life').select(lifeColumns)
  const one = async (found: Promise<LifeRow | undefined>): Promise<Life | undefined> => {
    const row = await found
    return row && toLife(seals, row)
  }
  return {
    begin: async (life) => {
      await db
        .insertInto('sp_life')
        .values(await toLifeRow(seals, life))
        .onConflict((conflict) => conflict.column('order_id').doNothing())
        .execute()
    },
    find: (orderId) => one(lives().where('order_id', '=', orderId).executeTakeFirst()),
    inSim: async (iccid) => {
      const rows = await lives().where('iccid', '=', iccid).orderBy('begun_at', 'desc').limit(20).execute()
      return Promise.all(rows.map((row) => toLife(seals, row)))
    },
    findByNumber: async (msisdn) => {
      const found = lives().where('msisdn', '=', msisdn).where('state', '<>', 'ended')
      const rows = await found.orderBy('begun_at', 'desc').limit(20).execute()
      return Promise.all(rows.map((row) => toLife(seals, row)))
    },
    findByVisit: (mac) => one(lives().where('visit', '=', mac).executeTakeFirst()),
    findTask: async (by) => {
      const tasks = db.selectFrom('sp_life_task').select(taskColumns)
      const found = 'id' in by ? tasks.where('id', '=', by.id) : tasks.where('session', '=', by.session)
      const row = await found.executeTakeFirst()
      return row && toTask(seals, row)
    },
    tasksOf: (orderId) => tasksOf(db, seals, orderId),
    update: (orderId, change) =>
      store.transaction(async (held) => {
        const row = await held
          .selectFrom('sp_life')
          .select(lifeColumns)
          .where('order_id', '=', orderId)
          .executeTakeFirst()
        if (row === undefined) throw new Refusal('reference.not-found', 'Nothing of that order is in use.')
        const before = { life: await toLife(seals, row), tasks: await tasksOf(held, seals, orderId) }
        const { letters = [], ...after } = change(before)
        if (after.life !== before.life)
          await held
            .updateTable('sp_life')
            .set(await toLifeRow(seals, after.life))
            .where('order_id', '=', orderId)
            .execute()
        for (const task of after.tasks) if (!before.tasks.includes(task)) await keep(held, await toTaskRow(seals, task))
        await writeLetters(held, orderId, letters, now())
        return after
      }),
    takeDueTasks: async (at, until, atMost) => {
      const due = await db
        .selectFrom('sp_life_task')
        .select(taskColumns)
        .where('due_at', '<=', at.toISOString())
        .orderBy('due_at')
        .limit(atMost)
        .execute()
      const taken = await Promise.all(
        due.map(async (task) => {
          const { numUpdatedRows } = await db
            .updateTable('sp_life_task')
            .set({ due_at: until.toISOString() })
            .where('id', '=', task.id)
            .where('due_at', '=', task.due_at)
            .executeTakeFirst()
          return numUpdatedRows === 1n ? [task] : []
        }),
      )
      return seals.sound(taken.flat(), (row) => toTask(seals, row))
    },
    openTasks: async ({ state, event }, atMost, after) => {
      let query = db.selectFrom('sp_life_task').select(taskColumns).where(isOpenTask)
      if (state !== undefined) query = query.where('state', '=', state)
      if (event !== undefined) query = query.where('event', '=', event)
      if (after !== undefined) {
        const askedAt = after.askedAt.toISOString()
        query = query.where((is) =>
          is.and([is('asked_at', '>=', askedAt), is.or([is('asked_at', '>', askedAt), is('id', '>', after.id)])]),
        )
      }
      const found = await query.orderBy('asked_at').orderBy('id').limit(atMost).execute()
      return Promise.all(found.map((row) => toTask(seals, row)))
    },
    dueReminders: async (at, atMost) => {
      const due = lives().where('remind_at', '<=', at.toISOString()).orderBy('remind_at').limit(atMost)
      return seals.sound(await due.execute(), (row) => toLife(seals, row))
    },
  }
}

async function tasksOf(db: Kysely<Tables>, seals: Seals, orderId: string): Promise<readonly Task[]> {
  const rows = await db
    .selectFrom('sp_life_task')
    .select(taskColumns)
    .where('order_id', '=', orderId)
    .orderBy('asked_at')
    .orderBy('id')
    .execute()
  return Promise.all(rows.map((row) => toTask(seals, row)))
}

async function keep(db: Transaction<Tables>, row: LifeTaskRow): Promise<void> {
  await db
    .insertInto('sp_life_task')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}
