/** What the rules of life events need from outside. */
import type { Letter } from '../domain/letter.ts'
import type { PinEnvelopes } from '../domain/pin-envelopes.ts'
import type { World } from '../domain/world.ts'
import type { Life } from './life.ts'
import type { EndReason } from './plans.ts'
import type { Task } from './task.ts'

/** A life and its tasks, as they change together. */
export interface Affairs {
  readonly life: Life
  /** The oldest first. */
  readonly tasks: readonly Task[]
  /** Mail that goes out with the change. */
  readonly letters?: readonly Letter[]
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
  /** Lives whose reminder is due. Writing the letter moves it on, so that each is written once, whoever else looks. */
  dueReminders(now: Date, atMost: number): Promise<readonly Life[]>
}

/** How a phone's certificate stands in the register. */
export interface Standing {
  readonly orderId: string
  readonly serialNumber: string
  readonly state: 'valid' | 'held' | 'revoked' | 'expired'
  readonly notAfter: Date
  readonly reason?: string | undefined
  /** The serial number that came in its place. */
  readonly successor?: string | undefined
}

/** The JPKI system, as far as life events need it. */
export interface Register {
  stop(orderId: string): Promise<Standing>
  resume(orderId: string): Promise<Standing>
  end(orderId: string, reason: EndReason): Promise<Standing>
  ofSigner(signCertificate: string): Promise<readonly (Standing & { readonly iccid: string })[]>
  changes(): Promise<readonly (Standing & { readonly changeId: string })[]>
  confirm(changeIds: readonly string[]): Promise<unknown>
}

/** What life events add to what orders need. */
export interface LifeNeeds {
  readonly lives: Lives
  readonly register: Register
}

export interface LifeWorld extends World, LifeNeeds {
  readonly pins: PinEnvelopes
}
