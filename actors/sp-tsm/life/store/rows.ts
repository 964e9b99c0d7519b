/** A life and its tasks as rows, and back. */
import type { Life } from '../life.ts'
import type { Task } from '../task.ts'
import type { LifeRow, LifeTaskRow } from './tables.ts'

export const lifeColumns = [
  'order_id',
  'state',
  'serial_number',
  'not_after',
  'carrier',
  'iccid',
  'msisdn',
  'begun_at',
  'stops',
  'ended_by',
  'bound',
  'wrong_tries',
  'remind_at',
  'remind_days',
  'visit',
] as const satisfies readonly (keyof LifeRow)[]

export const toLifeRow = (life: Life): LifeRow => ({
  order_id: life.orderId,
  state: life.state,
  serial_number: life.serialNumber,
  not_after: life.notAfter.toISOString(),
  carrier: life.carrier,
  iccid: life.iccid,
  msisdn: life.msisdn,
  begun_at: life.begunAt.toISOString(),
  stops: JSON.stringify(life.stops),
  ended_by: life.endedBy ?? null,
  bound: life.bound ? 1 : 0,
  wrong_tries: life.wrongTries,
  remind_at: life.reminder?.at.toISOString() ?? null,
  remind_days: life.reminder?.days ?? null,
  visit: life.visit,
})

export const toLife = (row: LifeRow): Life => ({
  orderId: row.order_id,
  state: row.state,
  serialNumber: row.serial_number,
  notAfter: new Date(row.not_after),
  carrier: row.carrier,
  iccid: row.iccid,
  msisdn: row.msisdn,
  begunAt: new Date(row.begun_at),
  stops: JSON.parse(row.stops),
  ...(row.ended_by !== null && { endedBy: row.ended_by }),
  bound: row.bound === 1,
  wrongTries: row.wrong_tries,
  ...(row.remind_at !== null && {
    reminder: { at: new Date(row.remind_at), days: row.remind_days as NonNullable<Life['reminder']>['days'] },
  }),
  visit: row.visit,
})

export const taskColumns = [
  'id',
  'order_id',
  'event',
  'state',
  'asked_at',
  'particulars',
  'trouble',
  'evidence',
  'session',
  'due_at',
  'tries',
  'proof',
] as const satisfies readonly (keyof LifeTaskRow)[]

export const toTaskRow = (task: Task): LifeTaskRow => ({
  id: task.id,
  order_id: task.orderId,
  event: task.event,
  state: task.state,
  asked_at: task.askedAt.toISOString(),
  particulars: JSON.stringify(task.particulars),
  trouble: task.trouble === undefined ? null : JSON.stringify(task.trouble),
  evidence: task.evidence ?? null,
  session: task.session ?? null,
  due_at: task.due?.toISOString() ?? null,
  tries: task.tries,
  proof: task.proof ?? null,
})

export const toTask = (row: LifeTaskRow): Task => ({
  id: row.id,
  orderId: row.order_id,
  event: row.event,
  state: row.state,
  askedAt: new Date(row.asked_at),
  particulars: JSON.parse(row.particulars),
  tries: row.tries,
  ...(row.trouble !== null && { trouble: JSON.parse(row.trouble) }),
  ...(row.evidence !== null && { evidence: row.evidence }),
  ...(row.session !== null && { session: row.session }),
  ...(row.due_at !== null && { due: new Date(row.due_at) }),
  ...(row.proof !== null && { proof: row.proof }),
})
