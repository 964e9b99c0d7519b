/** What SP-TSM and the network are still to be told, in the database. */
import type { Kysely, Selectable } from 'kysely'
import { type Notification, type Notifications, notificationNames } from '../domain/notification.ts'
import type { Tables } from './schema.ts'
import { known } from './words.ts'

const columns = [
  'id',
  'name',
  'carrier',
  'iccid',
  'other_iccid',
  'message',
  'happened_at',
  'tries',
  'due_at',
  'trouble',
  'taken_at',
] as const

export const notificationsIn = (database: Kysely<Tables>): Notifications => {
  const all = () => database.selectFrom('notification').select(columns)
  return {
    add: async (notification) => {
      await database.insertInto('notification').values(toRow(notification)).execute()
    },
    due: async (now, names, atMost) => {
      if (names.length === 0) return []
      const rows = await all()
        .where('name', 'in', names)
        .where('taken_at', 'is', null)
        .where('due_at', '<=', now.toISOString())
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('notification as earlier')
                .select('earlier.id')
                .where('earlier.taken_at', 'is', null)
                .where('earlier.name', 'in', names)
                .whereRef('earlier.position', '<', 'notification.position')
                .where(({ or, eb, ref }) =>
                  or([
                    eb('earlier.iccid', 'in', [ref('notification.iccid'), ref('notification.other_iccid')]),
                    eb('earlier.other_iccid', 'in', [ref('notification.iccid'), ref('notification.other_iccid')]),
                  ]),
                ),
            ),
          ),
        )
        .orderBy('position')
        .limit(atMost)
        .execute()
      return rows.map(toNotification)
    },
    save: async (notification) => {
      const { id, ...rest } = toRow(notification)
      await database.updateTable('notification').set(rest).where('id', '=', id).execute()
    },
    find: async (id) => {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row && toNotification(row)
    },
    ofSim: async (iccid) => {
      const about = all().where(({ or, eb }) => or([eb('iccid', '=', iccid), eb('other_iccid', '=', iccid)]))
      return (await about.orderBy('position').execute()).map(toNotification)
    },
    waiting: async (carrier) => {
      const counted = database.selectFrom('notification').select(({ fn }) => fn.countAll<number>().as('waiting'))
      const waiting = counted.where('carrier', '=', carrier).where('taken_at', 'is', null)
      return (await waiting.executeTakeFirstOrThrow()).waiting
    },
  }
}

const toRow = (notification: Notification): Omit<Tables['notification'], 'position'> => ({
  id: notification.id,
  name: notification.name,
  carrier: notification.carrier,
  iccid: notification.iccid,
  other_iccid: notification.otherIccid ?? null,
  message: JSON.stringify(notification.message),
  happened_at: notification.happenedAt.toISOString(),
  tries: notification.tries,
  due_at: notification.dueAt.toISOString(),
  trouble: notification.trouble ?? null,
  taken_at: notification.takenAt?.toISOString() ?? null,
})

const toNotification = (row: Selectable<Omit<Tables['notification'], 'position'>>): Notification => ({
  id: row.id,
  name: known(notificationNames, row.name),
  carrier: row.carrier,
  iccid: row.iccid,
  ...(row.other_iccid !== null && { otherIccid: row.other_iccid }),
  message: JSON.parse(row.message),
  happenedAt: new Date(row.happened_at),
  tries: row.tries,
  dueAt: new Date(row.due_at),
  ...(row.trouble !== null && { trouble: row.trouble }),
  ...(row.taken_at !== null && { takenAt: new Date(row.taken_at) }),
})
