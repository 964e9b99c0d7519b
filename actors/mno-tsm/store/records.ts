/** SIMs, lines and deployments in the database: the same text for SQLite and PostgreSQL. */
import { isRefusalCode } from '@mobile-jpki/refusal'
import type { Kysely, Selectable } from 'kysely'
import { type Deployment, type Deployments, deploymentStates } from '../domain/deployment.ts'
import { profileNames } from '../domain/profiles.ts'
import { type Sim, type Sims, simStates } from '../domain/sim.ts'
import { lineStates, type Subscription, type Subscriptions } from '../domain/subscription.ts'
import type { Records } from '../domain/world.ts'
import type { Tables } from './schema.ts'

export const recordsIn = (database: Kysely<Tables>): Records => ({
  sims: simsIn(database),
  subscriptions: subscriptionsIn(database),
  deployments: deploymentsIn(database),
})

/** A word that the database holds and the program does not know means that the two do not belong together. */
function known<W extends string>(words: readonly W[], word: string): W {
  const found = words.find((each) => each === word)
  if (found === undefined) throw new Error(`the store holds the unknown word ${word}`)
  return found
}

const simColumns = ['iccid', 'key_diversification_data', 'profile', 'state', 'order_id'] as const

const simsIn = (database: Kysely<Tables>): Sims => ({
  find: async (iccid) => {
    const row = await database.selectFrom('sim').select(simColumns).where('iccid', '=', iccid).executeTakeFirst()
    return row && toSim(row)
  },
  save: async ({ iccid, keyDiversificationData, profile, state, orderId }) => {
    const rest = { key_diversification_data: keyDiversificationData, profile, state, order_id: orderId ?? null }
    await database
      .insertInto('sim')
      .values({ iccid, ...rest })
      .onConflict((conflict) => conflict.column('iccid').doUpdateSet(rest))
      .execute()
  },
})

const toSim = ({ iccid, key_diversification_data, profile, state, order_id }: Selectable<Tables['sim']>): Sim => ({
  iccid,
  keyDiversificationData: new Uint8Array(key_diversification_data),
  profile: known(profileNames, profile),
  state: known(simStates, state),
  ...(order_id !== null && { orderId: order_id }),
})

const lineColumns = ['msisdn', 'iccid', 'subscriber', 'user_name', 'state'] as const

const subscriptionsIn = (database: Kysely<Tables>): Subscriptions => {
  const lines = () => database.selectFrom('subscription').select(lineColumns)
  return {
    find: async (msisdn) => {
      const row = await lines().where('msisdn', '=', msisdn).executeTakeFirst()
      return row && toSubscription(row)
    },
    ofSim: async (iccid) => {
      const rows = await lines().where('iccid', '=', iccid).orderBy('msisdn').execute()
      const row = rows.find(({ state }) => state !== 'ended') ?? rows[0]
      return row && toSubscription(row)
    },
    save: async ({ msisdn, iccid, subscriber, user, state }) => {
      const rest = { iccid, subscriber, user_name: user ?? null, state }
      await database
        .insertInto('subscription')
        .values({ msisdn, ...rest })
        .onConflict((conflict) => conflict.column('msisdn').doUpdateSet(rest))
        .execute()
    },
  }
}

const toSubscription = ({ user_name, state, ...row }: Selectable<Tables['subscription']>): Subscription => ({
  ...row,
  state: known(lineStates, state),
  ...(user_name !== null && { user: user_name }),
})

const deploymentColumns = [
  'order_id',
  'iccid',
  'session_id',
  'state',
  'key_transport',
  'wrapped_key_set',
  'key_set',
  'refusal_code',
  'refusal_detail',
  'refusal_told',
  'requested_at',
] as const

const deploymentsIn = (database: Kysely<Tables>): Deployments => {
  const deployments = () => database.selectFrom('deployment').select(deploymentColumns)
  return {
    find: async (orderId) => {
      const row = await deployments().where('order_id', '=', orderId).executeTakeFirst()
      return row && toDeployment(row)
    },
    ofSession: async (sessionId) => {
      const row = await deployments().where('session_id', '=', sessionId).executeTakeFirst()
      return row && toDeployment(row)
    },
    ofSim: async (iccid) => {
      const rows = await deployments().where('iccid', '=', iccid).orderBy('requested_at').execute()
      return rows.map(toDeployment)
    },
    save: async (deployment) => {
      const { order_id, ...rest } = toRow(deployment)
      await database
        .insertInto('deployment')
        .values({ order_id, ...rest })
        .onConflict((conflict) => conflict.column('order_id').doUpdateSet(rest))
        .execute()
    },
  }
}

const toRow = (deployment: Deployment): Tables['deployment'] => ({
  order_id: deployment.orderId,
  iccid: deployment.iccid,
  session_id: deployment.sessionId,
  state: deployment.state,
  key_transport: deployment.keyTransport,
  wrapped_key_set: deployment.wrappedKeySet ?? null,
  key_set: deployment.keySet ?? null,
  refusal_code: deployment.refusal?.code ?? null,
  refusal_detail: deployment.refusal?.detail ?? null,
  refusal_told: deployment.refusal?.told === true ? 1 : 0,
  requested_at: deployment.requestedAt.toISOString(),
})

function toDeployment(row: Selectable<Tables['deployment']>): Deployment {
  const { refusal_code: code, refusal_detail: detail } = row
  return {
    orderId: row.order_id,
    iccid: row.iccid,
    sessionId: row.session_id,
    state: known(deploymentStates, row.state),
    keyTransport: new Uint8Array(row.key_transport),
    requestedAt: new Date(row.requested_at),
    ...(row.wrapped_key_set !== null && { wrappedKeySet: new Uint8Array(row.wrapped_key_set) }),
    ...(row.key_set !== null && { keySet: new Uint8Array(row.key_set) }),
    ...(code !== null &&
      isRefusalCode(code) && { refusal: { code, detail: detail ?? '', told: row.refusal_told === 1 } }),
  }
}
