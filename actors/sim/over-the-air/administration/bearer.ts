/** A TCP connection by way of the terminal: OPEN CHANNEL, SEND DATA, RECEIVE DATA, CLOSE CHANNEL. ETSI TS 102 223 §6.4.27 to §6.4.31, §7.5.10, §7.5.11. */
import {
  type ConnectionParameters,
  channelDevice,
  type Envelope,
  isPerformed,
  longestChannelData,
  type ProactiveCommand,
  type TerminalResponseData,
  terminalsOwnBearer,
} from '@mobile-jpki/ota'
import { ask } from '../proactive.ts'
import type { Toolkit } from '../state.ts'

export interface BearerEvents {
  opened(): void
  received(octets: Uint8Array): void
  /** It could not be opened, or is gone. */
  broken(): void
  closed(): void
}

export interface Bearer {
  open(): void
  send(octets: Uint8Array): void
  /** When all that was to be sent is sent. */
  close(): void
  hear(event: Exclude<Envelope, { kind: 'smsDownload' | 'timerExpiration' }>): void
}

export type TcpConnection = Required<Pick<ConnectionParameters, 'transport' | 'destination'>> & ConnectionParameters

const at = { once: 0x01, immediately: 0x01 } as const
const defaultBuffer = 1024
const toTerminal = { source: 'uicc', destination: 'terminal' } as const

type Result = TerminalResponseData
type Unnumbered<C> = C extends ProactiveCommand ? Omit<C, 'details'> : never

export function bearer(toolkit: Toolkit, connection: TcpConnection, events: BearerEvents): Bearer {
  let channel: number | undefined
  let outbox = new Uint8Array()
  /** One command about the channel is under way at a time. */
  let busy = false
  let available = false
  let closing = false

  const command = <T extends ProactiveCommand['details']['type']>(
    type: T,
    qualifier: number,
    objects: Unnumbered<Extract<ProactiveCommand, { details: { type: T } }>>,
    answered: (result: Result) => void,
  ) => {
    busy = true
    ask(toolkit, {
      command: (number) => ({ details: { number, type, qualifier }, ...objects }) as unknown as ProactiveCommand,
      answered: (result) => {
        busy = false
        answered(result)
        next()
      },
    })
  }
  const gone = () => {
    if (channel === undefined) return
    available = false
    outbox = new Uint8Array()
    events.broken()
  }

  /** Sends before it receives, closes when nothing is left. */
  function next(): void {
    if (busy || channel === undefined) return
    const devices = { source: 'uicc', destination: channelDevice(channel) } as const
    if (outbox.length > 0) {
      const data = outbox.slice(0, longestChannelData)
      outbox = outbox.slice(data.length)
      command('sendData', at.immediately, { devices, data }, ({ result }) => {
        if (!isPerformed(result)) gone()
      })
    } else if (closing) {
      command('closeChannel', 0, { devices }, () => {
        channel = undefined
        closing = false
        events.closed()
      })
    } else if (available) {
      available = false
      command('receiveData', 0, { devices, length: longestChannelData }, ({ result, data, length }) => {
        if (!isPerformed(result)) return gone()
        available = (length ?? 0) > 0
        if (data !== undefined && data.length > 0) events.received(data)
      })
    }
  }

  return {
    open: () => {
      command('setUpEventList', 0, { devices: toTerminal, events: ['dataAvailable', 'channelStatus'] }, () => undefined)
      const { bearer: description = terminalsOwnBearer, bufferSize = defaultBuffer, ...where } = connection
      const objects = { devices: toTerminal, bearer: description, bufferSize, ...where }
      command('openChannel', at.once, objects, ({ result, status }) => {
        if (!isPerformed(result) || status === undefined) return events.broken()
        channel = status.channel
        events.opened()
      })
    },
    send: (octets) => {
      outbox = Uint8Array.of(...outbox, ...octets)
      next()
    },
    close: () => {
      if (channel === undefined) return events.closed()
      closing = true
      next()
    },
    hear: (event) => {
      if (event.status.channel !== channel) return
      if (event.kind === 'dataAvailable') available = true
      else if (event.status.link === 'notEstablished') return gone()
      next()
    },
  }
}
