/**
 * Order (申請): one application for one SIM, from ② to the certificate in use. Intent is written before the act, outcome after it,
 * so that whatever is cut off goes on from its state.
 */
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type ApplicationForm, type OrderState, orderStates } from '../contract.ts'

export const orderEvents = [
  'verify',
  'certify',
  'sendCode',
  'authenticate',
  'domainMade',
  'appletInstalled',
  'deliver',
  'activate',
  'refuse',
  'expire',
  'cancel',
  'fail',
] as const
export type OrderEvent = (typeof orderEvents)[number]

const aside = { cancel: 'cancelled', fail: 'failed' } as const

/** What may follow what; an event without an entry is refused. */
export const transitions: Readonly<Record<OrderState, Partial<Record<OrderEvent, OrderState>>>> = {
  applied: { ...aside, verify: 'verified', refuse: 'refused' },
  verified: { ...aside, certify: 'certified', expire: 'expired' },
  certified: { ...aside, sendCode: 'codeSent', expire: 'expired' },
  // The same code opens the same download again until it is finished: nobody needs a new one because a phone went dark.
  codeSent: { ...aside, authenticate: 'authenticated', expire: 'expired' },
  authenticated: { ...aside, domainMade: 'domainReady', expire: 'expired' },
  domainReady: { ...aside, appletInstalled: 'appletInstalled', expire: 'expired' },
  appletInstalled: { ...aside, deliver: 'delivered', expire: 'expired' },
  delivered: { ...aside, activate: 'active' },
  active: {},
  refused: {},
  expired: {},
  cancelled: {},
  failed: {},
}

export function after(event: OrderEvent, from: OrderState): OrderState {
  const to = transitions[from][event]
  if (to === undefined) throw new Refusal('conditions.not-satisfied', `${event} is not possible in ${from}`)
  return to
}

/** Nothing can happen to it any more. */
export const isFinal = (state: OrderState): boolean => Object.keys(transitions[state]).length === 0
/** States that SP-TSM moves on from by itself, and those that end when the code does. */
export const ownStates = ['applied', 'verified', 'certified'] as const satisfies readonly OrderState[]
export const expiringStates = orderStates.filter((state) => transitions[state].expire !== undefined)

/** After ⑬ and before the end: the states in which a session drives the download. */
export const isDownloading = (state: OrderState): boolean =>
  ['authenticated', 'domainReady', 'appletInstalled', 'delivered'].includes(state)

export interface Trouble {
  readonly code: RefusalCode
  readonly detail: string
  readonly whose?: ActorName
}

export const troubleOf = ({ code, message, whose }: Refusal): Trouble => ({
  code,
  detail: message,
  ...(whose !== undefined && { whose }),
})

const passing: ReadonlySet<RefusalCode> = new Set([
  'certificate.status-unknown',
  'peer.failed',
  'peer.unreachable',
  'rate.exceeded',
  'store.busy',
])

/** A peer may do better next time; every other refusal is final. */
export const isPassing = ({ code }: Refusal): boolean => passing.has(code)

/** Secret parts are kept only sealed by the keyring, or as a one-way value. */
export interface Order {
  /** The id of the signed form: whoever applied knows it, even if ⑤ was lost. */
  readonly id: string
  readonly state: OrderState
  readonly form: ApplicationForm
  /** As it was signed: the evidence. */
  readonly application: Uint8Array
  readonly applicant: string
  readonly signCertificate: string
  /** Argon2id, docs/protocols/access-code.md. */
  readonly password: Uint8Array
  /** HMAC-SHA-256 of the access code; until ⑪ the code itself, sealed. */
  readonly accessCode?: Uint8Array
  readonly sealedAccessCode?: Uint8Array
  readonly codeExpires?: Date
  readonly wrongTries: number
  /** HMAC-SHA-256 of the session's bearer. */
  readonly session?: Uint8Array
  readonly phoneCertificate?: string
  readonly securityDomain?: Uint8Array
  readonly instanceAid?: Uint8Array
  /** SP-TSM's own key set, sealed, made before it is put into the card. */
  readonly ownKeySet?: Uint8Array
  /** The carrier's initial key set as handed over (an envelope for our key); erased with the first use of our own. */
  readonly initialKeySet?: Uint8Array
  readonly initialKeyVersion?: number
  readonly trouble?: Trouble
  /** The order ended, and the JPKI system has not yet been told to throw its key and certificate away. */
  readonly discardOwed?: true
  readonly createdAt: Date
}

/** The domain says what it needs to remember; a store says how. */
export interface Orders {
  /** False when the id was seen before: a form serves once. */
  add(order: Order): Promise<boolean>
  find(id: string): Promise<Order | undefined>
  findByAccessCode(mac: Uint8Array): Promise<Order | undefined>
  findBySession(mac: Uint8Array): Promise<Order | undefined>
  /** The latest order for that SIM that is waiting for its code or being downloaded. */
  findOpenForSim(iccid: string): Promise<Order | undefined>
  /** Orders that SP-TSM itself has to move on: before the applicant's turn, out of time, or ended with something owed. */
  findToDo(now: Date): Promise<readonly Order[]>
  /** Reads, changes and writes in one transaction; `change` may run again and must do nothing else. */
  update(id: string, change: (order: Order) => Order): Promise<Order>
}

/** A change of state with what goes along with it. */
export const moved = (order: Order, event: OrderEvent, changes: Partial<Order> = {}): Order => ({
  ...order,
  ...changes,
  state: after(event, order.state),
})

/** The same, for work that may have been taken up twice: whoever comes second leaves the order as it is. */
export const movedFrom = (from: OrderState, order: Order, event: OrderEvent, changes: Partial<Order> = {}): Order =>
  order.state === from ? moved(order, event, changes) : order

/** The order ends before its certificate is in use: the last copy of the code goes, and the JPKI system is owed word. */
export function ended(order: Order, event: 'refuse' | 'expire' | 'cancel' | 'fail', trouble: Trouble): Order {
  const { sealedAccessCode: _, ...rest } = moved(order, event, { trouble })
  return order.state === 'applied' ? rest : { ...rest, discardOwed: true }
}
