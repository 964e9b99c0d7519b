/** Lines in the database. */
import type { Kysely, Selectable } from 'kysely'
import { lineStates, type Subscription, type Subscriptions } from '../domain/subscription.ts'
import type { Tables } from './schema.ts'
import { known } from './words.ts'

const columns = ['carrier', 'msisdn', 'iccid', 'subscriber', 'user_name', 'state', 'device_model', 'device_os'] as const

export const subscriptionsIn = (database: Kysely<Tables>): Subscriptions => {
  const lines = () => database.selectFrom('line').select(columns)
  return {
    find: async (carrier, msisdn) => {
      const row = await lines().where('carrier', '=', carrier).where('msisdn', '=', msisdn).executeTakeFirst()
      return row && toSubscription(row)
    },
    ofNumber: async (msisdn) => {
      const rows = await lines().where('msisdn', '=', msisdn).orderBy('carrier').execute()
      return rows.map(toSubscription)
    },
    ofSim: async (iccid) => {
      const rows = await lines().where('iccid', '=', iccid).orderBy('msisdn').execute()
      const row = rows.find(({ state }) => state !== 'ended') ?? rows[0]
      return row && toSubscription(row)
    },
    save: async (subscription) => {
      const { carrier, msisdn, ...rest } = toRow(subscription)
      await database
        .insertInto('line')
        .values({ carrier, msisdn, ...rest })
        .onConflict((conflict) => conflict.columns(['carrier', 'msisdn']).doUpdateSet(rest))
        .execute()
    },
    remove: async (carrier, msisdn) => {
      await database.deleteFrom('line').where('carrier', '=', carrier).where('msisdn', '=', msisdn).execute()
    },
    list: async ({ carrier, after, atMost }) => {
      let query = lines().orderBy('msisdn').orderBy('carrier').limit(atMost)
      if (carrier !== undefined) query = query.where('carrier', '=', carrier)
      if (after !== undefined) query = query.where('msisdn', '>', after)
      return (await query.execute()).map(toSubscription)
    },
    count: async (carrier) => {
      const counted = database.selectFrom('line').select(({ fn }) => fn.countAll<number>().as('lines'))
      const open = counted.where('carrier', '=', carrier).where('state', '!=', 'ended')
      return (await open.executeTakeFirstOrThrow()).lines
    },
  }
}

const toRow = ({ user, device, ...line }: Subscription): Tables['line'] => ({
  ...line,
  user_name: user ?? null,
  device_model: device?.model ?? null,
  device_os: device?.os ?? null,
})

const toSubscription = (row: Selectable<Tables['line']>): Subscription => ({
  carrier: row.carrier,
  msisdn: row.msisdn,
  iccid: row.iccid,
  subscriber: row.subscriber,
  state: known(lineStates, row.state),
  ...(row.user_name !== null && { user: row.user_name }),
  ...(row.device_model !== null && { device: { model: row.device_model, os: row.device_os ?? '' } }),
})
