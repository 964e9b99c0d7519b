/** Timers that the SIM has the terminal run: eight of them. ETSI TS 102 223 §6.4.21, §7.4. */
import type { Envelope, ProactiveCommand } from '@mobile-jpki/ota'
import type { Outcome } from './bearer.ts'
import type { ModemWorld } from './world.ts'

type TimerManagement = Extract<ProactiveCommand, { details: { type: 'timerManagement' } }>

export interface Timers {
  manage(command: TimerManagement): Outcome
  stopAll(): void
}

const qualifiers = { start: 0x00, deactivate: 0x01 } as const

export function timers({ pause }: Pick<ModemWorld, 'pause'>, tell: (event: Envelope) => void): Timers {
  const running = new Map<number, AbortController>()
  const stop = (timer: number) => {
    running.get(timer)?.abort()
    running.delete(timer)
  }
  return {
    manage: ({ details: { qualifier }, timer, value }) => {
      const wasRunning = running.has(timer)
      stop(timer)
      if (qualifier === qualifiers.deactivate)
        return { result: { general: wasRunning ? 'performed' : 'terminalUnable' }, timer }
      if (qualifier !== qualifiers.start || value === undefined) return { result: { general: 'valuesMissing' } }
      const over = new AbortController()
      running.set(timer, over)
      void pause(value * 1000, over.signal).then(() => {
        if (over.signal.aborted) return
        running.delete(timer)
        tell({ kind: 'timerExpiration', timer, value })
      })
      return { result: { general: 'performed' }, timer }
    },
    stopAll: () => {
      for (const timer of [...running.keys()]) stop(timer)
    },
  }
}
