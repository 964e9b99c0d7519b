/** The steps as they happen, from the town's trace: one line each when it is over, in the paper's numbers. */

import { Refusal } from '@mobile-jpki/refusal'
import { isStep, type Step, steps, type TraceEntry } from '@mobile-jpki/trace'
import { fromLine } from '@mobile-jpki/trace/entry'
import { tracePath } from '../town/contract.ts'

export interface StepDone {
  readonly step: Step
  readonly from: string
  readonly to: string
  readonly what: string
  readonly messages: number
  readonly octets: number
  readonly milliseconds: number
  readonly ok: boolean
}

export interface Watch {
  /** Waits for that message, unless something went wrong, says what has not been said yet, and ends. */
  end(last?: string): Promise<readonly StepDone[]>
}

interface Seen {
  messages: number
  octets: number
  milliseconds: number
  ok: boolean
}

const numbered = Object.keys(steps).filter(isStep)

/** Calls `say` for each step when a later one has begun, and for the rest at the end; a town that restarts is found again. */
export function watchSteps(townUrl: () => Promise<string | undefined>, say: (step: StepDone) => void): Promise<Watch> {
  const seen = new Map<Step, Seen>()
  const said = new Set<Step>()
  const done: StepDone[] = []
  const ending = new AbortController()
  const begun = Promise.withResolvers<void>()

  const sayStep = (step: Step) => {
    const found = seen.get(step)
    if (found === undefined || said.has(step)) return
    said.add(step)
    const { from, to, ja, en } = steps[step]
    const one = { step, from, to, what: `${ja} / ${en}`, ...found }
    done.push(one)
    say(one)
  }
  /** Where this run came in: a download that is gone on with begins in the middle. */
  let first: Step | undefined
  /** A message is recorded when it was answered, hence ⑥ after ⑦ ⑧: the paper's order is kept by waiting. */
  const sayInOrder = (before: number) => {
    for (const step of numbered.slice(first === undefined ? 0 : numbered.indexOf(first), before)) {
      if (!seen.has(step)) return
      sayStep(step)
    }
  }
  const names = new Set<string>()
  let heard = Promise.withResolvers<void>()
  const came = async (what: string) => {
    while (!names.has(what)) await heard.promise
  }
  const take = ({ step, what, octets, milliseconds, ok }: TraceEntry) => {
    names.add(what)
    heard.resolve()
    heard = Promise.withResolvers()
    if (step === undefined || said.has(step)) return
    const found = seen.get(step) ?? { messages: 0, octets: 0, milliseconds: 0, ok: true }
    seen.set(step, {
      messages: found.messages + 1,
      octets: found.octets + octets,
      milliseconds: found.milliseconds + milliseconds,
      ok,
    })
    first ??= step
    sayInOrder(numbered.indexOf(step))
  }

  const follow = async () => {
    while (!ending.signal.aborted) {
      try {
        const url = await townUrl()
        if (url === undefined) throw new Refusal('peer.unreachable')
        const reply = await fetch(url + tracePath, { signal: ending.signal })
        for await (const line of linesOf(reply)) {
          begun.resolve()
          if (line !== '') take(fromLine(line))
        }
      } catch (error) {
        if (!isBroken(error)) throw error
        if (!ending.signal.aborted) await pause(200)
      }
    }
  }
  const following = follow()

  const watch: Watch = {
    end: async (last) => {
      if (last !== undefined) await Promise.race([came(last), pause(2000)])
      ending.abort()
      await following
      for (const step of numbered) sayStep(step)
      return done
    },
  }
  return begun.promise.then(() => watch)
}

async function* linesOf(reply: Response): AsyncGenerator<string> {
  let rest = ''
  for await (const text of (reply.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** The connection, or the town, went away: both may come back. */
const isBroken = (error: unknown): boolean =>
  error instanceof Refusal || error instanceof TypeError || (error instanceof Error && error.name === 'AbortError')

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
