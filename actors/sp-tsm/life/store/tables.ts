/** The tables of life events, and how they came to be. Times are ISO 8601 in UTC; yes is 1. */
import type { Migration } from '@mobile-jpki/store'
import { type RawBuilder, sql } from 'kysely'
import type { LifeEvent, LifeState, TaskState } from '../../contract/life.ts'

export interface LifeRow {
  order_id: string
  state: LifeState
  serial_number: string
  not_after: string
  carrier: string
  iccid: string
  msisdn: string
  begun_at: string
  /** JSON */
  stops: string
  ended_by: LifeEvent | 'expired' | null
  bound: number
  wrong_tries: number
  remind_at: string | null
  remind_days: number | null
  visit: Uint8Array
  /** See store/seals/seals.ts. */
  seal: Uint8Array | null
}

export interface LifeTaskRow {
  id: string
  order_id: string
  event: LifeEvent
  state: TaskState
  asked_at: string
  /** JSON, as is the trouble. */
  particulars: string
  trouble: string | null
  evidence: Uint8Array | null
  session: Uint8Array | null
  due_at: string | null
  tries: number
  proof: Uint8Array | null
  seal: Uint8Array | null
}

export interface LifeTables {
  sp_life: LifeRow
  sp_life_task: LifeTaskRow
}

/** In the words of the index, so that both databases find it by that. */
export const isOpenTask: RawBuilder<boolean> = sql`state in ('asked', 'atJpki', 'atSim', 'atCarrier')`

export const openLifeTasks: Migration = {
  name: 'tasks that are not over',
  up: async ({ schema }) => {
    const index = schema.createIndex('sp_life_task_open').on('sp_life_task').columns(['asked_at', 'id'])
    await index.where(isOpenTask).execute()
  },
}

/** What is due stands in an index of its own: nobody looks through all that is in use. */
export const lifeEvents: Migration = {
  name: 'life events',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('sp_life')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('serial_number', 'text', (column) => column.notNull().unique())
      .addColumn('not_after', 'text', (column) => column.notNull())
      .addColumn('carrier', 'text', (column) => column.notNull())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('msisdn', 'text', (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addColumn('stops', 'text', (column) => column.notNull())
      .addColumn('ended_by', 'text')
      .addColumn('bound', 'integer', (column) => column.notNull())
      .addColumn('wrong_tries', 'integer', (column) => column.notNull())
      .addColumn('remind_at', 'text')
      .addColumn('remind_days', 'integer')
      .addColumn('visit', octets, (column) => column.notNull().unique())
      .execute()
    await schema.createIndex('sp_life_by_sim').on('sp_life').columns(['iccid', 'begun_at']).execute()
    await schema.createIndex('sp_life_by_number').on('sp_life').columns(['msisdn', 'begun_at']).execute()
    const reminders = schema.createIndex('sp_life_reminder').on('sp_life').column('remind_at')
    await reminders.where('remind_at', 'is not', null).execute()
    await schema
      .createTable('sp_life_task')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('order_id', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addColumn('particulars', 'text', (column) => column.notNull())
      .addColumn('trouble', 'text')
      .addColumn('evidence', octets)
      .addColumn('session', octets, (column) => column.unique())
      .addColumn('due_at', 'text')
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('proof', octets)
      .execute()
    await schema.createIndex('sp_life_task_by_order').on('sp_life_task').columns(['order_id', 'asked_at']).execute()
    const due = schema.createIndex('sp_life_task_due').on('sp_life_task').column('due_at')
    await due.where('due_at', 'is not', null).execute()
  },
}
