/**
 * The town as a process of its own, so that it can be killed: `./jpki up`, or, run by itself, a town that loses its power at a
 * chosen message: `node system/stories/stage/process.ts DATA PORT-BASE '{"at":"⑮","nth":7}'`.
 */
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Step, TraceEntry } from '@mobile-jpki/trace'
import { portsFrom } from '../../town/layout.ts'
import { startTown } from '../../town/town.ts'
import type { Where } from './town.ts'

const cli = join(import.meta.dirname, '..', '..', 'cli.ts')

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What was written so far, to standard output and to standard error. */
  readonly said: { out: string; err: string }
  /** Resolves with a line of standard output that does; undefined when the process ends without one. */
  line(does: (line: string) => boolean): Promise<string | undefined>
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    // Longer than anything takes: a process that hangs fails its test.
    timeout: 300_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  let heard = Promise.withResolvers<void>()
  let over = false
  const more = () => {
    heard.resolve()
    heard = Promise.withResolvers()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
    more()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => {
      over = true
      more()
      resolve({ status, signal })
    })
  })
  return {
    pid: child.pid ?? 0,
    ended,
    said,
    line: async (does) => {
      for (;;) {
        const found = said.out.split('\n').slice(0, -1).find(does)
        if (found !== undefined || over) return found
        await heard.promise
      }
    },
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

export const jpki = (...args: readonly string[]): Running => run(process.execPath, [cli, ...args])
export const jpkiIn = (environment: NodeJS.ProcessEnv, ...args: readonly string[]): Running =>
  run(process.execPath, [cli, ...args], environment)

export interface TownProcess extends Running, Where {}

/** When it is up, or has ended before. The card lies on the phone, as in every town of the stories. */
export async function jpkiUp(data: string, ...more: readonly string[]): Promise<TownProcess> {
  return upAt(data, jpki('up', '--data', data, '--card', 'phone', '--json', ...more))
}

/** Where power fails: behind the nth message of a step or of a name; or behind the first message of any step that is not passed over. */
export type Cut = { readonly at: string; readonly nth: number } | { readonly passedOver: readonly Step[] }

/** The line that a doomed town writes at last: the step at which it died. */
export const diedAt = ({ said }: Running): Step | undefined => /^died at (.)$/m.exec(said.out)?.[1] as Step | undefined

export async function doomedTown(data: string, base: number, cut: Cut): Promise<TownProcess> {
  return upAt(data, run(process.execPath, [import.meta.filename, data, String(base), JSON.stringify(cut)]))
}

async function upAt(data: string, running: Running): Promise<TownProcess> {
  const line = await running.line((text) => text.startsWith('{'))
  if (line === undefined && (await running.ended).signal === null) throw new Error(`no town: ${running.said.err}`)
  const places = line === undefined ? {} : JSON.parse(line).places
  return { ...running, data, places }
}

if (import.meta.main) {
  const [data = '', base = '', text = ''] = process.argv.slice(2)
  const cut: Cut = JSON.parse(text)
  let count = 0
  const isDue = ({ step, what }: TraceEntry): boolean => {
    if ('passedOver' in cut) return step !== undefined && !cut.passedOver.includes(step)
    return (step === cut.at || what === cut.at) && ++count === cut.nth
  }
  /** Synchronously, in the midst of whatever else is under way. */
  const record = (entry: TraceEntry) => {
    if (!isDue(entry)) return
    writeSync(1, `died at ${entry.step ?? entry.what}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  const town = await startTown({ data, ports: portsFrom(Number(base)), trace: { record } })
  process.stdout.write(`${JSON.stringify({ places: town.places })}\n`)
}
