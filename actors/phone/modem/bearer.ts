/** Channels of the bearer independent protocol: TCP connections that the SIM uses by proactive commands. ETSI TS 102 223 §6.4.27 to §6.4.31, §7.5.10, §7.5.11. */
import {
  bearerError,
  channelOf,
  done,
  type Envelope,
  type ProactiveCommand,
  type TerminalResponseData,
} from '@mobile-jpki/ota'
import type { Connection, ModemWorld } from './world.ts'

/** What a proactive command comes to, without its details. */
export type Outcome = Omit<TerminalResponseData, 'details' | 'devices'>
type Command<T extends ProactiveCommand['details']['type']> = Extract<ProactiveCommand, { details: { type: T } }>

export interface Bearers {
  open(command: Command<'openChannel'>): Promise<Outcome>
  close(command: Command<'closeChannel'>): Outcome
  send(command: Command<'sendData'>): Outcome
  receive(command: Command<'receiveData'>): Outcome
  status(): Outcome
  readonly count: number
  /** The SIM has gone. */
  closeAll(): void
}

interface Channel {
  readonly number: number
  connection: Connection | undefined
  received: Uint8Array
  /** The SIM was told, and has not fetched all of it yet. */
  told: boolean
  dropped: boolean
}

const mostChannels = 7
/** Octets that wait for the SIM before the network has to. */
const mostWaiting = 0x10000
/** One octet of length says 254 at most; FF is more. */
const inOctet = (length: number): number => (length > 0xfe ? 0xff : length)

export function bearers({ connect }: Pick<ModemWorld, 'connect'>, tell: (event: Envelope) => void): Bearers {
  const channels = new Map<number, Channel>()

  const statusOf = ({ number, connection, dropped }: Channel) => ({
    channel: number,
    link: connection === undefined ? ('notEstablished' as const) : ('established' as const),
    further: dropped ? ('dropped' as const) : ('none' as const),
  })
  /** What came before the end is fetched first. */
  const tellOf = (channel: Channel) => {
    if (channels.get(channel.number) !== channel || channel.told) return
    if (channel.received.length > 0) {
      channel.told = true
      tell({ kind: 'dataAvailable', status: statusOf(channel), length: inOctet(channel.received.length) })
    } else if (channel.dropped) tell({ kind: 'channelStatus', status: statusOf(channel) })
  }
  const named = ({ devices }: ProactiveCommand): Channel | undefined =>
    channels.get(channelOf(devices.destination) ?? 0)

  return {
    open: async ({ transport, destination, bufferSize }) => {
      const number = Array.from({ length: mostChannels }, (_, at) => at + 1).find((one) => !channels.has(one))
      if (number === undefined) return { result: bearerError('noChannelAvailable') }
      if (transport?.protocol !== 'tcpClient' || destination === undefined)
        return { result: bearerError('transportLevelNotAvailable') }
      const channel: Channel = {
        number,
        connection: undefined,
        received: new Uint8Array(),
        told: false,
        dropped: false,
      }
      channels.set(number, channel)
      try {
        channel.connection = await connect(destination, transport.port, {
          received: (octets) => {
            channel.received = Uint8Array.of(...channel.received, ...octets)
            if (channel.received.length > mostWaiting) channel.connection?.pause()
            tellOf(channel)
          },
          closed: () => {
            channel.connection = undefined
            channel.dropped = true
            tellOf(channel)
          },
        })
      } catch {
        channels.delete(number)
        return { result: bearerError('remoteDeviceNotReachable') }
      }
      return { result: done, status: statusOf(channel), bufferSize }
    },
    close: (command) => {
      const channel = named(command)
      if (channel === undefined) return { result: bearerError('channelNotValid') }
      channels.delete(channel.number)
      channel.connection?.close()
      return { result: done }
    },
    send: (command) => {
      const channel = named(command)
      if (channel === undefined) return { result: bearerError('channelNotValid') }
      if (channel.connection === undefined) return { result: bearerError('channelClosed') }
      channel.connection.write(command.data)
      return { result: done, length: 0xff }
    },
    receive: (command) => {
      const channel = named(command)
      if (channel === undefined) return { result: bearerError('channelNotValid') }
      if (channel.connection === undefined && channel.received.length === 0)
        return { result: bearerError('channelClosed') }
      const data = channel.received.slice(0, command.length)
      channel.received = channel.received.slice(data.length)
      channel.told = channel.received.length > 0
      if (channel.received.length <= mostWaiting) channel.connection?.resume()
      if (!channel.told) tellOf(channel)
      return { result: done, data, length: inOctet(channel.received.length) }
    },
    status: () => {
      const [first] = channels.values()
      return { result: done, ...(first && { status: statusOf(first) }) }
    },
    get count() {
      return channels.size
    },
    closeAll: () => {
      for (const { connection } of channels.values()) connection?.close()
      channels.clear()
    },
  }
}
