/** A short message in the service centre, and its life. SMPP 3.4 §5.2.28 (message_state); 3GPP TS 23.040 §9.2.3. */
import { Refusal } from '@mobile-jpki/refusal'

export const messageStates = ['enroute', 'delivered', 'undeliverable', 'expired', 'deleted'] as const
export type MessageState = (typeof messageStates)[number]

export const messageEvents = ['acknowledge', 'refuse', 'expire', 'cancel'] as const
export type MessageEvent = (typeof messageEvents)[number]

/** `refuse`: an RP-ERROR that no repetition would change. The last four states are final. */
export const messageTransitions: Readonly<Record<MessageState, Partial<Record<MessageEvent, MessageState>>>> = {
  enroute: { acknowledge: 'delivered', refuse: 'undeliverable', expire: 'expired', cancel: 'deleted' },
  delivered: {},
  undeliverable: {},
  expired: {},
  deleted: {},
}

/** What the one who submits it says. */
export interface Submission {
  /** Who submitted it, and by which of the connections: that one is told first. */
  readonly esme: string
  readonly connection: string
  readonly source: string
  /** MSISDN. */
  readonly destination: string
  readonly protocolIdentifier: number
  readonly dataCodingScheme: number
  /** Header and data. */
  readonly userData: Uint8Array
  readonly validUntil: Date
  /** SMPP 3.4 §5.2.17: a receipt of the service centre, and the acknowledgement of the SIM itself. */
  readonly receipt: 'never' | 'always' | 'on failure'
  readonly acknowledgement: boolean
}

export interface Message extends Submission {
  readonly id: string
  readonly acceptedAt: Date
  readonly state: MessageState
  /** When it came to its end. */
  readonly finishedAt?: Date
  /** TP-FCS of the last report, if that was an RP-ERROR. */
  readonly failureCause?: number
}

export function messageAfter(event: MessageEvent, message: Message, at: Date): Message {
  const state = messageTransitions[message.state][event]
  if (state === undefined)
    throw new Refusal('conditions.not-satisfied', `The message is ${message.state}: ${event} is not possible.`)
  return { ...message, state, finishedAt: at }
}

/** The phone's report: an RP-ERROR where there is a cause, else an RP-ACK. */
export interface Report {
  readonly failureCause?: number | undefined
  readonly userData?: Uint8Array | undefined
}

/** TP-FCS, TS 23.040 §9.2.3.22: (U)SIM storage full, SIM Application Toolkit busy. */
const passing: ReadonlySet<number> = new Set([0xd0, 0xd4])
export const isPassing = ({ failureCause }: Report): boolean => failureCause !== undefined && passing.has(failureCause)
