/**
 * Life cycle of the applet. What happens to it is a data grouping of personalization, or the last wrong PIN.
 *
 *   empty ─envelopeKey→ keyed ─issuerEnvelope→ certified ─finish→ ready ─exhausted→ blocked
 *     ▲                  ▲ └──────envelopeKey────────┘             ▲ └──────unlock─────┘
 *     └─ wipe from every state
 */
import type { DgiName } from '@mobile-jpki/jpki'
import type { Context } from './memory.ts'
import { refuse } from './status.ts'

/** The octet in memory is the place in this list. */
export const states = ['empty', 'keyed', 'certified', 'ready', 'blocked'] as const
export type State = (typeof states)[number]
export type LifeCycleEvent = DgiName | 'exhausted'

export const transitions: Readonly<Record<State, Partial<Record<LifeCycleEvent, State>>>> = {
  empty: { configuration: 'empty', envelopeKey: 'keyed', wipe: 'empty' },
  keyed: {
    configuration: 'keyed',
    envelopeKey: 'keyed',
    onCardKey: 'keyed',
    issuerEnvelope: 'certified',
    pinEnvelope: 'keyed',
    wipe: 'empty',
  },
  // Until the finish, a delivery may begin anew with another envelope key, and what was sent may be sent again.
  certified: {
    configuration: 'certified',
    envelopeKey: 'keyed',
    issuerEnvelope: 'certified',
    pinEnvelope: 'certified',
    finish: 'ready',
    wipe: 'empty',
  },
  // The finish may be asked again, for an answer that was lost on its way.
  ready: {
    configuration: 'ready',
    envelopeKey: 'ready',
    finish: 'ready',
    unlock: 'ready',
    exhausted: 'blocked',
    wipe: 'empty',
  },
  blocked: { configuration: 'blocked', envelopeKey: 'blocked', finish: 'blocked', unlock: 'ready', wipe: 'empty' },
}

export const after = (event: LifeCycleEvent, from: State): State =>
  transitions[from][event] ?? refuse('conditionsOfUseNotSatisfied')

/** Blocked is not written: it is ready without a try left, so that a cut in VERIFY cannot part the two. */
export function stateOf({ card }: Context): State {
  const written = states[card.nvm.get('state')?.[0] ?? 0] ?? 'empty'
  return written === 'ready' && card.nvm.get('tries')?.[0] === 0 ? after('exhausted', written) : written
}

export const enter = ({ card }: Context, state: State): void =>
  card.nvm.set('state', Uint8Array.of(states.indexOf(state === 'blocked' ? 'ready' : state)))

/** Delivered: key, certificates and PIN are there for use. */
export const inUse = (state: State): boolean => state === 'ready' || state === 'blocked'
