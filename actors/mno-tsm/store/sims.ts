/** SIMs in the database. */
import type { Kysely, Selectable } from 'kysely'
import { type Sim, type Sims, simStates } from '../domain/sim.ts'
import type { Tables } from './schema.ts'
import { known } from './words.ts'

const columns = [
  'iccid',
  'carrier',
  'se_id',
  'imsi',
  'key_diversification_data',
  'profile',
  'key_version',
  'state',
  'order_id',
  'successor',
] as const

export const simsIn = (database: Kysely<Tables>): Sims => ({
  find: async (iccid) => {
    const row = await database.selectFrom('sim').select(columns).where('iccid', '=', iccid).executeTakeFirst()
    return row && toSim(row)
  },
  save: async (sim) => {
    const { iccid, ...rest } = toRow(sim)
    await database
      .insertInto('sim')
      .values({ iccid, ...rest })
      .onConflict((conflict) => conflict.column('iccid').doUpdateSet(rest))
      .execute()
  },
  list: async ({ carrier, after, atMost }) => {
    let query = database.selectFrom('sim').select(columns).orderBy('iccid').limit(atMost)
    if (carrier !== undefined) query = query.where('carrier', '=', carrier)
    if (after !== undefined) query = query.where('iccid', '>', after)
    return (await query.execute()).map(toSim)
  },
  count: async (carrier) => {
    const counted = database.selectFrom('sim').select(({ fn }) => fn.countAll<number>().as('sims'))
    return (await counted.where('carrier', '=', carrier).executeTakeFirstOrThrow()).sims
  },
})

const toRow = (sim: Sim): Tables['sim'] => ({
  iccid: sim.iccid,
  carrier: sim.carrier,
  se_id: sim.seId,
  imsi: sim.imsi,
  key_diversification_data: sim.keyDiversificationData,
  profile: sim.profile,
  key_version: sim.keyVersion,
  state: sim.state,
  order_id: sim.orderId ?? null,
  successor: sim.successor ?? null,
})

const toSim = (row: Selectable<Tables['sim']>): Sim => ({
  iccid: row.iccid,
  carrier: row.carrier,
  seId: row.se_id,
  imsi: row.imsi,
  keyDiversificationData: new Uint8Array(row.key_diversification_data),
  profile: row.profile,
  keyVersion: row.key_version,
  state: known(simStates, row.state),
  ...(row.order_id !== null && { orderId: row.order_id }),
  ...(row.successor !== null && { successor: row.successor }),
})
