/** A line of the carrier: its number, the SIM it is on, and the people it belongs to. Study item (5)②. */
export const lineStates = ['inService', 'suspended', 'ended'] as const
export type LineState = (typeof lineStates)[number]

export interface Subscription {
  readonly msisdn: string
  readonly iccid: string
  /** The one who has the contract (契約者). */
  readonly subscriber: string
  /** The registered user (利用者), where it is somebody else: a child, an employee. */
  readonly user?: string
  readonly state: LineState
}

export interface Subscriptions {
  find(msisdn: string): Promise<Subscription | undefined>
  /** The line that a SIM carries now. */
  ofSim(iccid: string): Promise<Subscription | undefined>
  save(subscription: Subscription): Promise<void>
}

/** Names as people type them: width (Unicode NFKC) and spacing say nothing about who it is. */
const plainName = (name: string): string => name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase()

export const belongsTo = ({ subscriber, user }: Subscription, applicant: string): boolean =>
  [subscriber, ...(user === undefined ? [] : [user])].some((name) => plainName(name) === plainName(applicant))
