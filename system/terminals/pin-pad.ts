/** A PIN typed at the computer: without echo where somebody sits before it, else a line of standard input. */
import { createInterface } from 'node:readline'
import { Refusal } from '@mobile-jpki/refusal'
import type { PinPad } from '@mobile-jpki/terminal'

export interface Pad {
  readonly ask: PinPad
  close(): void
}

/** Ctrl-C while typing ends as Ctrl-C elsewhere does: the signal comes. */
export function pinPad(signal: AbortSignal): Pad {
  const { stdin, stderr } = process
  if (stdin.isTTY) return { ask: (triesLeft) => typed(triesLeft, signal), close: () => undefined }
  const lines = createInterface({ input: stdin })
  const read = lines[Symbol.asyncIterator]()
  return {
    ask: async (triesLeft) => {
      stderr.write(`PIN (${triesLeft} tries left):\n`)
      const { value, done } = await Promise.race([read.next(), aborted(signal)])
      return done ? undefined : value.trim()
    },
    close: () => lines.close(),
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const stop = () => reject(new Refusal('conditions.not-satisfied', 'Nobody types a PIN any more.'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

async function typed(triesLeft: number, signal: AbortSignal): Promise<string | undefined> {
  const { stdin, stderr } = process
  stderr.write(`PIN (${triesLeft} tries left; Enter alone for none): `)
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let pin = ''
  const take = (chunk: Buffer) => {
    for (const key of chunk.toString('utf8')) {
      if (key === '\r' || key === '\n') resolve(pin === '' ? undefined : pin)
      else if (key === '\u0003') process.kill(process.pid, 'SIGINT')
      else if (key === '\u007f' || key === '\b') pin = pin.slice(0, -1)
      else pin += key
    }
  }
  stdin.setRawMode(true).resume().on('data', take)
  try {
    return await Promise.race([promise, aborted(signal)])
  } finally {
    stdin.off('data', take).setRawMode(false).pause()
    stderr.write('\n')
  }
}
