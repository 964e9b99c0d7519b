/** What a system of the carrier's is told of its messages, as deliver_sm. SMPP v3.4 §4.6.1, §5.2.12, appendix B. */
import { international, type PduBody, type SmppAddress } from '@mobile-jpki/ota'
import type { Message, MessageState } from '../domain/message.ts'
import { receiptTime } from './times.ts'

const states: Readonly<Record<MessageState, string>> = {
  enroute: 'ENROUTE',
  delivered: 'DELIVRD',
  undeliverable: 'UNDELIV',
  expired: 'EXPIRED',
  deleted: 'DELETED',
}

/** The usual text; nobody but a person reads the dates. */
export function receiptText({ id, state, acceptedAt, finishedAt, failureCause }: Message): string {
  const delivered = state === 'delivered' ? '001' : '000'
  const error = String(failureCause ?? 0).padStart(3, '0')
  return [
    `id:${id}`,
    'sub:001',
    `dlvrd:${delivered}`,
    `submit date:${receiptTime(acceptedAt)}`,
    `done date:${receiptTime(finishedAt ?? acceptedAt)}`,
    `stat:${states[state]}`,
    `err:${error}`,
    'text:',
  ].join(' ')
}

const empty = {
  serviceType: '',
  protocolId: 0,
  priority: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresent: 0,
  dataCoding: 0,
  defaultMessageId: 0,
} as const

const between = (from: string, to: string): { source: SmppAddress; destination: SmppAddress } => ({
  source: international(from),
  destination: { ton: 0, npi: 1, digits: to },
})

export const receipt = (message: Message): PduBody<'deliverSm'> => ({
  ...empty,
  ...between(message.destination, message.source),
  esmClass: { mode: 0, type: 'deliveryReceipt', header: false },
  shortMessage: new TextEncoder().encode(receiptText(message)),
})

/** What the SIM answered in its delivery report: user data with their header. */
export const acknowledgement = (message: Message, userData: Uint8Array): PduBody<'deliverSm'> => ({
  ...empty,
  ...between(message.destination, message.source),
  esmClass: { mode: 0, type: 'deliveryAcknowledgement', header: true },
  protocolId: message.protocolIdentifier,
  dataCoding: message.dataCodingScheme,
  shortMessage: userData,
})

export interface Originated {
  readonly from: string
  readonly to: string
  readonly protocolIdentifier: number
  readonly dataCodingScheme: number
  readonly userData: Uint8Array
}

export const originated = ({ from, to, ...message }: Originated): PduBody<'deliverSm'> => ({
  ...empty,
  ...between(from, to),
  esmClass: { mode: 0, type: 'message', header: true },
  protocolId: message.protocolIdentifier,
  dataCoding: message.dataCodingScheme,
  shortMessage: message.userData,
})
