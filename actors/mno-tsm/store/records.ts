/** All that MNO-TSM keeps, in the database: the same text for SQLite and PostgreSQL. */
import type { Kysely } from 'kysely'
import type { Records } from '../domain/world.ts'
import { deploymentsIn } from './deployments.ts'
import { functionCallsIn } from './function-calls.ts'
import { notificationsIn } from './notifications.ts'
import type { Tables } from './schema.ts'
import { signingKeysIn } from './signing-keys.ts'
import { simsIn } from './sims.ts'
import { subscriptionsIn } from './subscriptions.ts'

export const recordsIn = (database: Kysely<Tables>): Records => ({
  sims: simsIn(database),
  subscriptions: subscriptionsIn(database),
  deployments: deploymentsIn(database),
  functionCalls: functionCallsIn(database),
  notifications: notificationsIn(database),
  signingKeys: signingKeysIn(database),
})
