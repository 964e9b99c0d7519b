/**
 * Order (申請): one application for one SIM, from ② to the certificate in use. Intent is written before the act, outcome after it,
 * so that whatever is cut off goes on from its state.
 */
import type { Attester } from '@mobile-jpki/jpki'
import type { DomainTerms } from '@mobile-jpki/mno-tsm/contract'
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type ApplicationForm, type OrderState, orderStates } from '../contract.ts'
import { type Letter, letterAbout } from './letter.ts'

export type { Orders } from './orders.ts'

export const orderEvents = [
  'verify',
  'certify',
  'sendCode',
  'authenticate',
  'domainMade',
  'appletInstalled',
  'deliver',
  'activate',
  'reissue',
  'refuse',
  'expire',
  'cancel',
  'fail',
] as const
export type OrderEvent = (typeof orderEvents)[number]

const aside = { cancel: 'cancelled', fail: 'failed' } as const
/** The help desk gives a new code, which has to be mailed; what is in the SIM already stays there. */
const waiting = { ...aside, reissue: 'certified', expire: 'expired' } as const

/** What may follow what; an event without an entry is refused. */
export const transitions: Readonly<Record<OrderState, Partial<Record<OrderEvent, OrderState>>>> = {
  applied: { ...aside, verify: 'verified', refuse: 'refused' },
  verified: { ...aside, certify: 'certified', expire: 'expired' },
  certified: { ...aside, sendCode: 'codeSent', expire: 'expired' },
  // The same code opens the same download again until it is finished: nobody needs a new one because a phone went dark.
  codeSent: { ...waiting, authenticate: 'authenticated' },
  authenticated: { ...waiting, domainMade: 'domainReady' },
  domainReady: { ...waiting, appletInstalled: 'appletInstalled' },
  appletInstalled: { ...waiting, deliver: 'delivered' },
  // The certificate may be in use already: it can be stopped, and the order no longer cancelled.
  delivered: { fail: 'failed', activate: 'active' },
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
  'certificate.status-stale',
  'certificate.status-unknown',
  'peer.failed',
  'peer.unreachable',
  'rate.exceeded',
  'store.busy',
])

/** A peer may do better next time; every other refusal is final. */
export const isPassing = ({ code }: Refusal): boolean => passing.has(code)

/** What keeps an order back just now. It goes with the next change of state. */
export interface Setback {
  readonly trouble: Trouble
  /** How many times in a row. */
  readonly count: number
  /** When SP-TSM tries again; absent where the agent or the person does. */
  readonly next?: Date
}

/** One line of an order's history, to be kept with the change that it tells of. */
export interface News {
  readonly event: OrderEvent | 'setback' | 'retry' | 'discarded' | 'terminated' | 'replaced'
  readonly from: OrderState
  readonly to: OrderState
  readonly trouble?: Trouble
  /** Who did it; SP-TSM by itself if not said. */
  readonly by?: ActorName
}

/** Secret parts are kept only sealed by the keyring, or as a one-way value. */
export interface Order {
  /** The id of the signed form: whoever applied knows it, even if ⑤ was lost. One that replaces another has an id of its own. */
  readonly id: string
  readonly state: OrderState
  readonly form: ApplicationForm
  /** As it was signed: the evidence. */
  readonly application: Uint8Array
  readonly applicant: string
  readonly signCertificate: string
  /** Argon2id, docs/protocols/access-code.md. */
  readonly password: Uint8Array
  /** HMAC-SHA-256 of the access code; until its letter is written the code itself, sealed. */
  readonly accessCode?: Uint8Array
  readonly sealedAccessCode?: Uint8Array
  readonly codeExpires?: Date
  readonly wrongTries: number
  /** HMAC-SHA-256 of the session's bearer. */
  readonly session?: Uint8Array
  /** How SP-TSM itself reaches the SIM after ⑬; absent where the phone's agent comes. */
  readonly bearer?: 'scp80' | 'scp81'
  /** The app's key on the phone, a P-256 point: of the form, or of the phone that came first. What is bound stays bound. */
  readonly deviceKey?: Uint8Array
  /** Who vouches for the applet's keys in this type of SIM, as the carrier said at application. */
  readonly attestedBy?: Attester
  readonly phoneCertificate?: string
  readonly securityDomain?: Uint8Array
  readonly instanceAid?: Uint8Array
  /** How the security domain is spoken to, and who manages it, as the carrier said when it was made. */
  readonly terms?: DomainTerms
  /** SP-TSM's own key set, sealed, made before it is put into the card. */
  readonly ownKeySet?: Uint8Array
  /** The carrier's initial key set as handed over (an envelope for our key); erased with the first use of our own. */
  readonly initialKeySet?: Uint8Array
  readonly initialKeyVersion?: number
  /** Why it ended. */
  readonly trouble?: Trouble
  readonly setback?: Setback
  /** The order ended, and the JPKI system has not yet been told to throw its key and certificate away. */
  readonly discardOwed?: true
  /** The order ended, and the carrier has not yet been told to clear what was made in the SIM. */
  readonly terminateOwed?: true
  /** The order of the same application that came after this one. */
  readonly replacedBy?: string
  readonly createdAt: Date
  /** Of this change, and kept elsewhere: lines of the history, and mail. An order that is read has none. */
  readonly news?: readonly News[]
  readonly letters?: readonly Letter[]
}

/** A change of state with what goes along with it: the history says so, and the applicant where it matters to them. */
export function moved(order: Order, event: OrderEvent, changes: Partial<Order> = {}, by?: ActorName): Order {
  const { setback: _, ...rest } = order
  const to = after(event, order.state)
  const { trouble } = changes
  const news: News = { event, from: order.state, to, ...(trouble && { trouble }), ...(by && { by }) }
  const letter = letterAbout(order, event, trouble, by)
  return {
    ...rest,
    ...changes,
    state: to,
    news: [...(order.news ?? []), news],
    ...(letter && { letters: [...(order.letters ?? []), letter] }),
  }
}

/** The same, for work that may have been taken up twice: whoever comes second leaves the order as it is. */
export const movedFrom = (from: OrderState, order: Order, event: OrderEvent, changes: Partial<Order> = {}): Order =>
  order.state === from ? moved(order, event, changes) : order

/** The carrier may have been asked for something by then. */
const mayBeInSim: readonly OrderState[] = ['authenticated', 'domainReady', 'appletInstalled', 'delivered']

/** Whose it is where the refusal does not say: a form that is refused, a code that nobody used; and a failure is ours until another is named. */
const responsible = { refuse: 'user', expire: 'user', cancel: 'user', fail: 'sp-tsm' } as const

/** The order ends before its certificate is in use: the last copy of the code goes, and word is owed to whom had a part in it. */
export function ended(
  order: Order,
  event: 'refuse' | 'expire' | 'cancel' | 'fail',
  trouble: Trouble,
  by?: ActorName,
): Order {
  const named = { whose: responsible[event], ...trouble }
  const { sealedAccessCode: _, ...rest } = moved(order, event, { trouble: named }, by)
  return {
    ...rest,
    ...(order.state !== 'applied' && { discardOwed: true as const }),
    ...((mayBeInSim.includes(order.state) || order.instanceAid !== undefined) && { terminateOwed: true as const }),
  }
}
