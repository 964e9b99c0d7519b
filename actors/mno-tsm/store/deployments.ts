/** Deployments in the database. */
import { isRefusalCode } from '@mobile-jpki/refusal'
import type { Kysely, Selectable } from 'kysely'
import { type Deployment, type Deployments, deploymentStates } from '../domain/deployment.ts'
import type { Tables } from './schema.ts'
import { known } from './words.ts'

const columns = [
  'order_id',
  'iccid',
  'session_id',
  'state',
  'key_transport',
  'wrapped_key_set',
  'key_set',
  'set_up_version',
  'set_up_message',
  'last_token',
  'last_receipt',
  'refusal_code',
  'refusal_detail',
  'refusal_told',
  'requested_at',
] as const

export const deploymentsIn = (database: Kysely<Tables>): Deployments => {
  const deployments = () => database.selectFrom('deployment').select(columns)
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
  set_up_version: deployment.setUp?.keyVersion ?? null,
  set_up_message: deployment.setUp?.message ?? null,
  last_token: deployment.lastToken ?? null,
  last_receipt: deployment.lastReceipt ?? null,
  refusal_code: deployment.refusal?.code ?? null,
  refusal_detail: deployment.refusal?.detail ?? null,
  refusal_told: deployment.refusal?.told === true ? 1 : 0,
  requested_at: deployment.requestedAt.toISOString(),
})

function toDeployment(row: Selectable<Tables['deployment']>): Deployment {
  const { refusal_code: code, refusal_detail: detail, set_up_version: keyVersion, set_up_message: message } = row
  return {
    orderId: row.order_id,
    iccid: row.iccid,
    sessionId: row.session_id,
    state: known(deploymentStates, row.state),
    keyTransport: new Uint8Array(row.key_transport),
    requestedAt: new Date(row.requested_at),
    ...(row.wrapped_key_set !== null && { wrappedKeySet: new Uint8Array(row.wrapped_key_set) }),
    ...(row.key_set !== null && { keySet: new Uint8Array(row.key_set) }),
    ...(keyVersion !== null && message !== null && { setUp: { keyVersion, message: new Uint8Array(message) } }),
    ...(row.last_token !== null && { lastToken: row.last_token }),
    ...(row.last_receipt !== null && { lastReceipt: row.last_receipt }),
    ...(code !== null &&
      isRefusalCode(code) && { refusal: { code, detail: detail ?? '', told: row.refusal_told === 1 } }),
  }
}
