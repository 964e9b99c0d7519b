/**
 * A refusal is an answer, not an accident: the peer asked for something the rules forbid.
 * Anything that is not a Refusal is a fault, and leaves a boundary only as "internal".
 */
import type { ActorName } from './actors.ts'
import { type RefusalCode, refusals } from './refusals.ts'

export { type ActorName, actors, isActorName } from './actors.ts'
export { carrierIn, carrierUri } from './carriers.ts'
export { isRefusalCode, type RefusalCode, refusals } from './refusals.ts'

export interface RefusalOptions extends ErrorOptions {
  /** The actor that is responsible, as the ministry's item (5)⑤ asks of every failed step. */
  readonly whose?: ActorName
  /** Of a wrong PIN, password or code: how many tries are left. */
  readonly triesLeft?: number
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly whose?: ActorName
  readonly triesLeft?: number

  constructor(code: RefusalCode, detail: string = refusals[code].sentence, options: RefusalOptions = {}) {
    super(detail, options)
    this.code = code
    if (options.whose !== undefined) this.whose = options.whose
    if (options.triesLeft !== undefined) this.triesLeft = options.triesLeft
  }

  get sentence(): string {
    return refusals[this.code].sentence
  }

  get whatToDo(): string {
    return refusals[this.code].whatToDo
  }
}
