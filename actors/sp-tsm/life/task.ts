/**
 * A task: one life event on one order, from whoever asked for it to the SIM. Its state says whose turn it is, and every step may be
 * repeated without harm.
 *
 *   asked ─accept─▶ atJpki ─told─▶ atSim ─written─▶ atCarrier ─known─▶ done
 *     │refuse          │refuse        └─overtake─▶ overtaken (a later event made it needless)
 *     └──▶ refused ◀───┘
 */
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import type { LifeEvent, TaskState } from '../contract/life.ts'
import type { Trouble } from '../domain/order.ts'

export const taskEvents = ['accept', 'told', 'written', 'known', 'finish', 'refuse', 'overtake'] as const
export type TaskEvent = (typeof taskEvents)[number]

/** `finish` where an event has no part in the SIM, or none for the carrier. */
export const transitions: Readonly<Record<TaskState, Partial<Record<TaskEvent, TaskState>>>> = {
  asked: { accept: 'atJpki', refuse: 'refused' },
  atJpki: { told: 'atSim', finish: 'done', refuse: 'refused' },
  atSim: { written: 'atCarrier', finish: 'done', overtake: 'overtaken' },
  atCarrier: { known: 'done' },
  done: {},
  refused: {},
  overtaken: {},
}

/** Whose turn it is. */
export const turnOf = {
  asked: 'sp-tsm',
  atJpki: 'jpki-system',
  atSim: 'phone',
  atCarrier: 'mno-tsm',
} as const satisfies Partial<Record<TaskState, ActorName>>
export type OpenTaskState = keyof typeof turnOf

export function after(event: TaskEvent, from: TaskState): TaskState {
  const to = transitions[from][event]
  if (to === undefined) throw new Refusal('conditions.not-satisfied', `${event} is not possible in ${from}`)
  return to
}

/** What an event says besides itself. */
export interface Particulars {
  readonly device?: { readonly model: string; readonly os: string; readonly key?: string }
  readonly newIccid?: string
  readonly newMsisdn?: string
}

export interface Task {
  /** Of the signed request, or of the function call of a notification: told twice, it is the same task. */
  readonly id: string
  readonly orderId: string
  readonly event: LifeEvent
  readonly state: TaskState
  readonly askedAt: Date
  readonly particulars: Particulars
  /** The request as it was signed: the evidence. */
  readonly evidence?: Uint8Array
  /** HMAC-SHA-256 of the bearer that only the signer has. */
  readonly session?: Uint8Array
  /** When SP-TSM looks at it next by itself; absent while it waits for the phone's agent. */
  readonly due?: Date
  readonly tries: number
  /** Why it was refused, or what keeps it back just now. */
  readonly trouble?: Trouble
  /** What the SIM answered to DGI '0E31', verified: the proof of deletion. */
  readonly proof?: Uint8Array
}

export function moved(task: Task, event: TaskEvent, changes: Partial<Task> = {}): Task {
  const { due: _, trouble: __, ...rest } = task
  return { ...rest, tries: 0, ...changes, state: after(event, task.state) }
}

/** Tries again later and later, up to an hour. */
export function setBack(task: Task, trouble: Trouble, now: Date): Task {
  const tries = task.tries + 1
  const rest = Math.min(2000 * 2 ** Math.min(tries - 1, 12), 3_600_000)
  return { ...task, tries, trouble, due: new Date(now.getTime() + rest) }
}
