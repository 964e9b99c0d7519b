/** A life and its tasks as rows, and back. */
import { type Seals, valuesIn } from '../../store/seals/seals.ts'
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
  'seal',
] as const satisfies readonly (keyof LifeRow)[]

const isSealed = (column: string): boolean => column !== 'seal'
const sealedOfLife = lifeColumns.filter(isSealed)

export const sealLife = (seals: Seals, row: LifeRow): Promise<Uint8Array> =>
  seals.of('sp_life', valuesIn(row, sealedOfLife))

export async function toLifeRow(seals: Seals, life: Life): Promise<LifeRow> {
  const row = { ...unsealedLife(life), seal: null }
  return { ...row, seal: await sealLife(seals, row) }
}

/** As it was written, or refused. */
export async function toLife(seals: Seals, row: LifeRow): Promise<Life> {
  await seals.check('sp_life', valuesIn(row, sealedOfLife), row.seal)
  return lifeOf(row)
}

const unsealedLife = (life: Life): Omit<LifeRow, 'seal'> => ({
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

const lifeOf = (row: LifeRow): Life => ({
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
  'seal',
] as const satisfies readonly (keyof LifeTaskRow)[]

/** Whoever takes a task puts off its time. */
const sealedOfTask = taskColumns.filter((column) => isSealed(column) && column !== 'due_at')

export const sealTask = (seals: Seals, row: LifeTaskRow): Promise<Uint8Array> =>
  seals.of('sp_life_task', valuesIn(row, sealedOfTask))

export async function toTaskRow(seals: Seals, task: Task): Promise<LifeTaskRow> {
  const row = { ...unsealedTask(task), seal: null }
  return { ...row, seal: await sealTask(seals, row) }
}

/** As it was written, or refused. */
export async function toTask(seals: Seals, row: LifeTaskRow): Promise<Task> {
  await seals.check('sp_life_task', valuesIn(row, sealedOfTask), row.seal)
  return taskOf(row)
}

const unsealedTask = (task: Task): Omit<LifeTaskRow, 'seal'> => ({
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

const taskOf = (row: LifeTaskRow): Task => ({
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
