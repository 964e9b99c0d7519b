/** MNO-TSM as a system at its carrier's message centre: one SMPP connection, made again whenever it is lost. SMPP v3.4 §2.2.3. */
import { connect, type Socket } from 'node:net'
import { cardMessage, longestUserData, type PduNamed, UserData } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { type SmppConnection, smppConnection } from '@mobile-jpki/smpp'
import { TlvError } from '@mobile-jpki/tlv'
import type { Trace } from '@mobile-jpki/trace'
import type { ShortMessages } from './world.ts'

export interface EsmeSettings {
  readonly host: string
  readonly port: number
  readonly systemId: string
  readonly password: string
  /** Our number. */
  readonly address: string
}

export interface Esme extends ShortMessages {
  close(): Promise<void>
}

/** Between two tries to connect. */
const pauseMilliseconds = 500
const connectTries = 10

export function esme({ host, port, systemId, password, address }: EsmeSettings, trace: Trace): Esme {
  const listeners = new Map<string, Set<(userData: UserData) => void>>()
  const closing = new AbortController()
  let connecting: Promise<SmppConnection> | undefined

  /** Acknowledgements and messages of SIMs; receipts say nothing that their proofs do not say better. */
  const deliverSm = ({ esmClass, source, shortMessage }: PduNamed<'deliverSm'>) => {
    if (!esmClass.header || shortMessage.length > 160) return { status: 'ok', messageId: '' } as const
    const userData = read(shortMessage)
    if (userData !== undefined) for (const listener of listeners.get(source.digits) ?? []) listener(userData)
    return { status: 'ok', messageId: '' } as const
  }

  const bound = async (): Promise<SmppConnection> => {
    const socket = await opened(host, port)
    const ends = { self: 'mno-tsm', peer: 'carrier-network' } as const
    const connection = smppConnection({ socket, ends, answers: { deliverSm }, trace })
    const { status } = await connection.request('bindTransceiver', {
      systemId,
      password,
      systemType: '',
      interfaceVersion: 0x34,
      addressTon: 0,
      addressNpi: 1,
      addressRange: address,
    })
    if (status === 'ok') return connection
    await connection.close()
    throw new Refusal('peer.failed', `The carrier’s message centre refuses ${systemId} (${status}).`, {
      whose: 'carrier-network',
    })
  }

  const connection = (): Promise<SmppConnection> => {
    if (connecting !== undefined) return connecting
    const made = insisting(bound, closing.signal)
    connecting = made
    const forget = () => {
      if (connecting === made) connecting = undefined
    }
    made.then(({ ended }) => ended.then(forget), forget)
    return made
  }

  return {
    submit: async ({ to, userData, validSeconds, step }) => {
      if (UserData.encode(userData).length > longestUserData) throw new Error('a short message is too long')
      const { request } = await connection()
      const { status } = await request(
        'submitSm',
        {
          ...cardMessage,
          source: { ton: 0, npi: 1, digits: address },
          destination: { ton: 2, npi: 1, digits: to },
          validityPeriod: relative(validSeconds),
          registeredDelivery: acknowledgedBySim,
          shortMessage: UserData.encode(userData),
        },
        step,
      )
      if (status === 'ok') return
      const whose = 'carrier-network'
      if (status === 'invalidDestination')
        throw new Refusal('card.absent', 'The network does not know the number of the SIM.', { whose })
      throw new Refusal('peer.unreachable', `The message centre does not take the message (${status}).`, { whose })
    },
    listen: (msisdn, listener) => {
      const all = listeners.get(msisdn) ?? new Set()
      listeners.set(msisdn, all.add(listener))
      return () => {
        all.delete(listener)
        if (all.size === 0) listeners.delete(msisdn)
      }
    },
    close: async () => {
      closing.abort(new Refusal('peer.unreachable', 'MNO-TSM closes.', { whose: 'mno-tsm' }))
      const open = await connecting?.catch(() => undefined)
      await open?.close()
    },
  }
}

/** registered_delivery: no receipt of the centre, the answer of the SIM. §5.2.17. */
const acknowledgedBySim = 0x04

/** §7.1.1.3, up to two days. */
function relative(seconds: number): string {
  const [days, hours, minutes, rest] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60]
  const digits = [days, hours, minutes, rest].map((field) => String(Math.floor(field)).padStart(2, '0')).join('')
  return `0000${digits}000R`
}

function read(octets: Uint8Array): UserData | undefined {
  try {
    return UserData.decode(octets)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

function opened(host: string, port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({ host, port, noDelay: true })
  socket.once('connect', () => resolve(socket))
  socket.once('error', (cause: NodeJS.ErrnoException) =>
    reject(
      new Refusal('peer.unreachable', `The message centre does not answer at ${host}:${port} (${cause.code}).`, {
        whose: 'carrier-network',
        cause,
      }),
    ),
  )
  return promise
}

/** A centre that is started again is found again; one that says no is not asked a second time. */
async function insisting(bind: () => Promise<SmppConnection>, signal: AbortSignal): Promise<SmppConnection> {
  for (let left = connectTries; ; left--) {
    if (signal.aborted) throw signal.reason
    try {
      return await bind()
    } catch (error) {
      const passing = error instanceof Refusal && error.code === 'peer.unreachable'
      if (!passing || left <= 1) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds).unref())
  }
}
