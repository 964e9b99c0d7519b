/**
 * The service centre: takes short messages, keeps them while a phone is off, and tells those who submitted them what became of them.
 * 3GPP TS 23.040 §9.1. What waits is in memory: a network that is started again has forgotten it, as if it were lost on the way.
 */
import { Refusal } from '@mobile-jpki/refusal'
import { type Disturbance, disturbed, undisturbed } from './disturbance.ts'
import type { Lines } from './lines.ts'
import { isPassing, type Message, type MessageEvent, messageAfter, type Report, type Submission } from './message.ts'
import { type Queue, queues } from './queues.ts'

/** What a system of the carrier's is told. */
export type Notice =
  | { readonly kind: 'receipt'; readonly message: Message }
  /** What the SIM answered. */
  | { readonly kind: 'acknowledgement'; readonly message: Message; readonly userData: Uint8Array }

export interface CentreWorld {
  readonly lines: Lines
  readonly now: () => Date
  readonly newId: () => string
  readonly tell: (notice: Notice) => void
  readonly disturbance?: Disturbance
  /** How long a message waits after a passing failure before it is tried again. */
  readonly pauseMilliseconds?: number
}

export interface Centre {
  submit(submission: Submission): Promise<Message>
  find(id: string): Message | undefined
  cancel(id: string): Message
  /** The first message for the SIM; when there is none, waits for one until `signal`. */
  next(iccid: string, signal: AbortSignal): Promise<Message | undefined>
  report(id: string, report: Report): void
  /** Ends what is past its validity. */
  expire(): void
  /** Throws away what waits for a number that is out of service. */
  forget(msisdn: string): void
}

/** Finished ones that can still be asked for. */
const remembered = 10_000
const largestQueue = 1_000

export function serviceCentre(world: CentreWorld): Centre {
  const { lines, now, newId, tell, disturbance = undisturbed, pauseMilliseconds = 2_000 } = world
  const waiting = queues()
  const finished = new Map<string, Message>()
  const tellSim = disturbed(disturbance, 'fromPhone', tell)
  const enqueue = disturbed(disturbance, 'toPhone', (message: Message) => {
    const twice = waiting.find(message.id) !== undefined
    waiting.of(message.destination).push(twice ? { ...message, id: newId() } : message)
  })

  const find = (id: string) => waiting.find(id) ?? finished.get(id)

  const end = (event: MessageEvent, message: Message): Message => {
    const over = messageAfter(event, message, now())
    waiting.of(message.destination).remove(message.id)
    finished.set(over.id, over)
    const [oldest] = finished.keys()
    if (finished.size > remembered && oldest !== undefined) finished.delete(oldest)
    const failed = over.state !== 'delivered'
    if (over.receipt === 'always' || (over.receipt === 'on failure' && failed)) tell({ kind: 'receipt', message: over })
    return over
  }

  const expire = (queue: Queue) => {
    for (const message of queue.messages()) if (message.validUntil <= now()) end('expire', message)
  }

  return {
    find,
    submit: async (submission) => {
      if ((await lines.ofNumber(submission.destination)) === undefined)
        throw new Refusal('reference.not-found', `${submission.destination} is no number of this network.`)
      if (waiting.of(submission.destination).messages().length >= largestQueue)
        throw new Refusal('rate.exceeded', `Too many messages wait for ${submission.destination}.`)
      const message: Message = { ...submission, id: newId(), acceptedAt: now(), state: 'enroute' }
      enqueue(message)
      return message
    },
    cancel: (id) => {
      const message = find(id)
      if (message === undefined) throw new Refusal('reference.not-found', 'There is no such message.')
      return end('cancel', message)
    },
    next: async (iccid, signal) => {
      while (!signal.aborted) {
        const line = await lines.ofSim(iccid)
        if (line === undefined) throw new Refusal('reference.not-found', 'The SIM carries no line of this network.')
        const queue = waiting.of(line.msisdn)
        expire(queue)
        const message = queue.first(now())
        if (message !== undefined) return message
        await queue.change(now(), signal)
      }
      return undefined
    },
    report: (id, report) => {
      const message = waiting.find(id)
      if (message === undefined) return
      const { failureCause, userData } = report
      if (isPassing(report)) {
        waiting.of(message.destination).hold(new Date(now().getTime() + pauseMilliseconds))
        return
      }
      const reported = failureCause === undefined ? message : { ...message, failureCause }
      const over = end(failureCause === undefined ? 'acknowledge' : 'refuse', reported)
      if (over.acknowledgement && userData !== undefined && userData.length > 0)
        tellSim({ kind: 'acknowledgement', message: over, userData })
    },
    expire: () => {
      for (const queue of waiting.all()) expire(queue)
    },
    forget: (msisdn) => {
      for (const message of waiting.of(msisdn).messages()) end('refuse', message)
    },
  }
}
