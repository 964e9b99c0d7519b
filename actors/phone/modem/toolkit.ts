/**
 * The terminal's end of the card application toolkit: tells the SIM what it can do, hands it what comes, fetches and performs what it
 * asks for. On the basic channel, one command at a time, between those of the agent and the app. ETSI TS 102 223, TS 102 221 §7.4.2.
 */
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import {
  type Envelope,
  EnvelopeCommand,
  type Facility,
  Fetch,
  ProactiveCommand,
  TerminalProfile,
  TerminalResponse,
  toolkitStatus,
} from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { TlvError } from '@mobile-jpki/tlv'
import type { Channel } from '../domain/slot.ts'
import { bearers, type Outcome } from './bearer.ts'
import { timers } from './timers.ts'
import type { ModemWorld } from './world.ts'

export interface Toolkit {
  /** The answer to the envelope; what the SIM asks for behind it is done afterwards. */
  envelope(envelope: Envelope): Promise<ResponseApdu>
  /** Asks whether the SIM has something to do. */
  poll(): Promise<void>
  /** The SIM has connections open. */
  readonly isBusy: boolean
  stop(): void
}

const offered: readonly Facility[] = [
  'profileDownload',
  'smsPpDownload',
  'smsPpDownloadByUsim',
  'timerExpiration',
  'commandResult',
  'moreTime',
  'pollInterval',
  'sendShortMessage',
  'setUpEventList',
  'eventDataAvailable',
  'eventChannelStatus',
  'timerStart',
  'timerValue',
  'openChannel',
  'closeChannel',
  'receiveData',
  'sendData',
  'getChannelStatus',
  'packetBearer',
  'tcpClient',
]

/** A SIM that never comes to an end is left alone until the next event. */
const mostInARow = 1000
const status: CommandApdu = { cla: 0x80, ins: 0xf2, p1: 0x00, p2: 0x0c, data: new Uint8Array() }

export interface ToolkitWorld extends ModemWorld {
  /** Submits a short message of the SIM's. */
  readonly sendMessage: (tpdu: Uint8Array) => Promise<void>
}

/** Begins with a SIM that was just switched on: it hears the terminal's profile first. */
export async function startToolkit(world: ToolkitWorld): Promise<Toolkit> {
  const channel = await world.slot.open('basic')
  let turn: Promise<unknown> = Promise.resolve()
  let stopped = false

  /** One exchange with all that the SIM asks for behind it; the answer is there before that. */
  const exchange = (command: CommandApdu): Promise<ResponseApdu> => {
    const answer = Promise.withResolvers<ResponseApdu>()
    turn = turn.then(async () => {
      const response = await transmit(channel, command).catch((error: unknown) => {
        answer.reject(error)
        return undefined
      })
      if (response === undefined) return
      answer.resolve(response)
      // Whoever takes the SIM out or resets it meanwhile begins anew with it.
      await drain(response.sw).catch(() => undefined)
    })
    return answer.promise
  }
  const tell = (event: Envelope) => {
    if (!stopped) exchange(EnvelopeCommand.toApdu({ data: event })).catch(() => undefined)
  }
  const connections = bearers(world, tell)
  const clocks = timers(world, tell)

  async function drain(after: number): Promise<void> {
    let sw = after
    for (let count = 0; toolkitStatus.pendingLength(sw) !== undefined && count < mostInARow && !stopped; count++) {
      const { data } = await transmit(channel, { ...Fetch.toApdu({}), le: toolkitStatus.pendingLength(sw) ?? 0x100 })
      sw = (await transmit(channel, await answerTo(data))).sw
    }
  }

  async function answerTo(fetched: Uint8Array): Promise<CommandApdu> {
    const command = decoded(fetched)
    if (command === undefined) return notUnderstood(fetched)
    const outcome = await perform(command)
    const devices = { source: 'terminal', destination: 'uicc' } as const
    return TerminalResponse.toApdu({ data: { ...outcome, details: command.details, devices } })
  }

  async function perform(command: ProactiveCommand): Promise<Outcome> {
    switch (command.details.type) {
      case 'openChannel':
        return connections.open(command as Extract<ProactiveCommand, { details: { type: 'openChannel' } }>)
      case 'closeChannel':
        return connections.close(command as Extract<ProactiveCommand, { details: { type: 'closeChannel' } }>)
      case 'sendData':
        return connections.send(command as Extract<ProactiveCommand, { details: { type: 'sendData' } }>)
      case 'receiveData':
        return connections.receive(command as Extract<ProactiveCommand, { details: { type: 'receiveData' } }>)
      case 'getChannelStatus':
        return connections.status()
      case 'timerManagement':
        return clocks.manage(command as Extract<ProactiveCommand, { details: { type: 'timerManagement' } }>)
      case 'sendShortMessage':
        return submit(command as Extract<ProactiveCommand, { details: { type: 'sendShortMessage' } }>)
      default:
        // Events are always told, time is always given.
        return { result: { general: 'performed' } }
    }
  }

  /** TP-MR is the terminal's to give. TS 31.111 §6.4.10. */
  let reference = 0
  async function submit({ tpdu }: { readonly tpdu: Uint8Array }): Promise<Outcome> {
    reference = (reference + 1) % 0x100
    try {
      await world.sendMessage(tpdu.with(1, reference))
      return { result: { general: 'performed' } }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { result: { general: 'networkUnable' } }
    }
  }

  await exchange(TerminalProfile.toApdu({ data: { facilities: offered, channels: 7 } }))
  return {
    envelope: (envelope) => exchange(EnvelopeCommand.toApdu({ data: envelope })),
    poll: async () => void (await exchange(status)),
    get isBusy() {
      return connections.count > 0
    },
    stop: () => {
      stopped = true
      clocks.stopAll()
      connections.closeAll()
    },
  }
}

const transmit = async (channel: Channel, command: CommandApdu): Promise<ResponseApdu> =>
  parseResponseApdu(await channel.transmit(encodeCommandApdu(command)))

function decoded(fetched: Uint8Array): ProactiveCommand | undefined {
  try {
    return ProactiveCommand.decode(fetched)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

/** Its details go back as they came, behind tag and length of the whole: result 31, command type not understood. TS 102 223 §6.8, §8.12. */
function notUnderstood(fetched: Uint8Array): CommandApdu {
  const at = fetched.indexOf(0x03) - 1
  const details = at < 1 ? Uint8Array.of(0x81, 0x03, 0, 0, 0) : fetched.slice(at, at + 5)
  const data = Uint8Array.of(...details, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, 0x31)
  return { cla: 0x80, ins: 0x14, p1: 0x00, p2: 0x00, data }
}

export const isTaken = ({ sw }: ResponseApdu): boolean => sw === SW.ok || toolkitStatus.pendingLength(sw) !== undefined
