/** What must be remembered of life events. The domain says what; store/ says how. */
import type { LifeEvent } from '../contract/life.ts'
import type { Letter } from '../domain/letter.ts'
import type { Life } from './life.ts'
import type { OpenTaskState, Task } from './task.ts'

/** A life and its tasks, as they change together. */
export interface Affairs {
  readonly life: Life
  /** The oldest first. */
  readonly tasks: readonly Task[]
  /** Mail that goes out with the change. */
  readonly letters?: readonly Letter[]
}

export interface Sought {
  readonly state?: OpenTaskState | undefined
  readonly event?: LifeEvent | undefined
}

export interface Lives {
  /** Nothing happens when the order has one. */
  begin(life: Life): Promise<void>
  find(orderId: string): Promise<Life | undefined>
  /** Those that ever began in that SIM, the latest first. */
  inSim(iccid: string): Promise<readonly Life[]>
  /** Those under that number that have not ended. */
  findByNumber(msisdn: string): Promise<readonly Life[]>
  findByVisit(mac: Uint8Array): Promise<Life | undefined>
  /** By the bearer of a task, or by its id. */
  findTask(by: { readonly session: Uint8Array } | { readonly id: string }): Promise<Task | undefined>
  /** Reads, changes and writes in one transaction; `change` may run again and must do nothing else. */
  update(orderId: string, change: (affairs: Affairs) => Affairs): Promise<Affairs>
  tasksOf(orderId: string): Promise<readonly Task[]>
  /** Tasks whose time has come: each is this caller's until then, and nobody else's. */
  takeDueTasks(now: Date, until: Date, atMost: number): Promise<readonly Task[]>
  /** Tasks that are not over, the oldest first, from behind `after` on. */
  openTasks(sought: Sought, atMost: number, after?: Pick<Task, 'askedAt' | 'id'>): Promise<readonly Task[]>
  /** Lives whose reminder is due. Writing the letter moves it on, so that each is written once, whoever else looks. */
  dueReminders(now: Date, atMost: number): Promise<readonly Life[]>
}
