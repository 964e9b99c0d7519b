/**
 * Puts a software card into a PC/SC reader: pcscd sees it through vsmartcard-vpcd as it sees any card.
 *
 *   waiting ──connected──▶ attached ──connection lost──▶ waiting …       detach: any state ──▶ detached
 *
 * pcscd need not run yet and may restart at any time; the card comes back by itself.
 */
import { connect, type Socket } from 'node:net'
import type { Card } from '@mobile-jpki/iso7816'
import { defaultPort, type Frame, frame, frameReader } from './wire.ts'

/** Why the card is not in the reader, in words a program can switch on. */
export const reasons = {
  'reader.not-listening': 'Nobody listens there: pcscd with the vpcd driver is not running, or the port is another.',
  'reader.unreachable': 'The host cannot be reached.',
  'reader.unknown-host': 'The host name is not known.',
  'reader.closed': 'The reader closed the connection: pcscd stopped, or another card is in this reader.',
  'reader.not-vpcd': 'What listens there does not speak the protocol of vpcd.',
} as const
export type Reason = keyof typeof reasons

export type AttachState =
  | { readonly state: 'waiting'; readonly reason: Reason; readonly retryInMs: number }
  | { readonly state: 'attached' }
  | { readonly state: 'faulty'; readonly fault: unknown }
  | { readonly state: 'detached' }

export interface AttachOptions {
  readonly host?: string
  readonly port?: number
  /** A Unix socket that leads to the reader, in place of host and port. */
  readonly path?: string
  readonly onState?: (state: AttachState) => void
}

export interface Attachment {
  detach(): Promise<void>
}

const shortestPause = 100
const longestPause = 2000

const reasonsOfErrors: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'reader.not-listening',
  ENOENT: 'reader.not-listening',
  ENOTFOUND: 'reader.unknown-host',
  EAI_AGAIN: 'reader.unknown-host',
  ECONNRESET: 'reader.closed',
  EPIPE: 'reader.closed',
}

/** ISO/IEC 7816-4 §5.6: no precise diagnosis. */
const fault = Uint8Array.of(0x6f, 0x00)

export function attach(card: Card, options: AttachOptions = {}): Attachment {
  const say = options.onState ?? (() => {})
  let pause = shortestPause
  let detached = false
  let socket: Socket | undefined
  let retry: NodeJS.Timeout | undefined
  // A card does one thing at a time, whichever connection it was asked on.
  let work: Promise<void> = Promise.resolve()

  const retryAfter = (reason: Reason) => {
    if (detached) return
    say({ state: 'waiting', reason, retryInMs: pause })
    retry = setTimeout(open, pause)
    pause = Math.min(pause * 2, longestPause)
  }

  function open() {
    const read = frameReader()
    const mine =
      options.path === undefined
        ? connect({ host: options.host ?? '127.0.0.1', port: options.port ?? defaultPort, noDelay: true })
        : connect({ path: options.path })
    socket = mine
    let reason: Reason = 'reader.closed'
    let atr: Uint8Array | undefined

    const serve = async (request: Frame) => {
      if (mine.destroyed) return
      if (request.kind === 'command') {
        mine.write(frame(await card.transmit(request.apdu)))
      } else if (request.control === 'atr') {
        atr ??= await card.reset()
        mine.write(frame(atr))
      } else if (request.control !== 'powerOff') {
        atr = await card.reset()
      } else {
        // A card without power forgets what was verified, before anybody asks for its ATR again.
        await card.reset()
      }
    }
    const serveSafely = async (request: Frame) => {
      try {
        await serve(request)
      } catch (cause) {
        say({ state: 'faulty', fault: cause })
        if (request.kind === 'command' && !mine.destroyed) mine.write(frame(fault))
        else mine.destroy()
      }
    }

    mine.on('connect', () => {
      say({ state: 'attached' })
    })
    mine.on('data', (segment: Buffer) => {
      try {
        for (const request of read(segment)) work = work.then(() => serveSafely(request))
        pause = shortestPause
      } catch {
        reason = 'reader.not-vpcd'
        mine.destroy()
      }
    })
    mine.on('error', (error: NodeJS.ErrnoException) => {
      reason = reasonsOfErrors[error.code ?? ''] ?? 'reader.unreachable'
    })
    mine.on('close', () => retryAfter(reason))
  }
  open()

  return {
    detach: async () => {
      if (detached) return
      detached = true
      clearTimeout(retry)
      await work
      if (socket !== undefined && !socket.closed) {
        const closed = new Promise((resolve) => socket?.once('close', resolve))
        socket.destroy()
        await closed
      }
      await card.reset()
      say({ state: 'detached' })
    },
  }
}
