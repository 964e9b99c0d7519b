/**
 * What a SIM that calls is given, and what comes of it: one script at a time, each with the address its responses go to.
 * GlobalPlatform Amendment B v1.2 §3.4, §3.6.
 *
 *   made ──given──▶ with the SIM ──responses──▶ settled
 *     ▲                 └─ the session broke: given again where the SIM never had it whole, or where it only asks; else lost
 *     └───────────────────┘
 */
import type { AdminRequest, AdminResponse } from '@mobile-jpki/ota'
import { Abandoned } from '@mobile-jpki/seram'

export interface Script {
  /** Expanded command script. */
  readonly commands: Uint8Array
  readonly target: Uint8Array
  /** It needs nothing that an earlier session left in the SIM. */
  readonly selfContained: boolean
  /** Nothing is done twice when it is run twice. */
  readonly harmless: boolean
}

export interface Scripts {
  /** Resolves with the SIM's request that answers it; rejects with Abandoned when that is lost. */
  run(script: Script): Promise<AdminRequest>
  /** What the SIM is told. `begins`: the first request of a TLS session. Undefined for an address that is none. */
  answer(request: AdminRequest, begins: boolean): Promise<AdminResponse | undefined>
  readonly firstUri: string
  /** The next request is told that there is no more. */
  end(): void
  fail(reason: Error): void
}

interface Pending extends Script {
  readonly number: number
  readonly settle: PromiseWithResolvers<AdminRequest>
  given: boolean
}

/** `path` is this SIM's and hard to guess; `idleMilliseconds`: after so long without a script the SIM asks again. */
export function scriptsOver(path: string, idleMilliseconds: number): Scripts {
  let last = 0
  let pending: Pending | undefined
  let session = 0
  /** The session in which the SIM was given a script last. */
  let givenIn = 0
  let over = false
  let change = Promise.withResolvers<void>()
  const changed = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  const settle = (end: (pending: Pending) => void) => {
    const settled = pending
    pending = undefined
    if (settled !== undefined) end(settled)
  }
  const lose = (why: string) => settle(({ settle: { reject } }) => reject(new Abandoned(why)))
  const uriOf = (number: number) => `${path}/${number}`
  const numberIn = (uri: string): number | undefined => {
    const match = /^(.*)\/(\d{1,9})$/.exec(uri)
    return match?.[1] === path ? Number(match[2]) : undefined
  }

  /** What was with the SIM when its session broke. */
  const lookAfterBreak = (request: AdminRequest, at: number) => {
    if (pending?.given !== true) return
    const neverHadIt = request.resume && at < pending.number
    if (pending.harmless || (neverHadIt && pending.selfContained)) pending.given = false
    else lose('the session broke while the SIM had a script')
  }

  const untilChange = async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, idleMilliseconds)
    const mine = change.promise
    await Promise.race([mine, promise])
    clearTimeout(timer)
  }

  const next = async (at: number, mine: number): Promise<AdminResponse | undefined> => {
    if (pending === undefined && !over) await untilChange()
    if (session !== mine) return undefined
    if (pending !== undefined && !pending.given) {
      if (!pending.selfContained && givenIn !== session) {
        lose('the SIM forgot its secure channel with the session before')
        return next(at, mine)
      }
      pending.given = true
      givenIn = session
      return { commands: pending.commands, target: pending.target, nextUri: uriOf(pending.number) }
    }
    return over ? {} : { nextUri: uriOf(at) }
  }

  return {
    firstUri: uriOf(0),
    run: (script) => {
      if (pending !== undefined) return Promise.reject(new Error('a stage sends one batch at a time'))
      pending = { ...script, number: ++last, given: false, settle: Promise.withResolvers() }
      changed()
      return pending.settle.promise
    },
    answer: async (request, begins) => {
      const at = numberIn(request.uri)
      if (at === undefined || at > last) return undefined
      if (begins) {
        session += 1
        lookAfterBreak(request, at)
      } else if (request.status !== undefined && at === pending?.number && pending.given)
        settle(({ settle: { resolve } }) => resolve(request))
      return next(at, session)
    },
    end: () => {
      over = true
      changed()
    },
    fail: (reason) => settle(({ settle: { reject } }) => reject(reason)),
  }
}
