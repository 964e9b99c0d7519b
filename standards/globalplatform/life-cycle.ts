/** Life cycles of the card and of what it holds, as tables. GPCS v2.3.1 §5.1–5.3, tables 11-3 to 11-6. */

/** Card life cycle, which is the issuer security domain's. GPCS §5.1, table 11-6. */
export const cardStates = {
  OP_READY: 0x01,
  INITIALIZED: 0x07,
  SECURED: 0x0f,
  CARD_LOCKED: 0x7f,
  TERMINATED: 0xff,
} as const
export type CardState = keyof typeof cardStates
export type CardEvent = 'initialize' | 'secure' | 'lock' | 'unlock' | 'terminate'

export const cardTransitions: Readonly<Record<CardState, Partial<Record<CardEvent, CardState>>>> = {
  OP_READY: { initialize: 'INITIALIZED', terminate: 'TERMINATED' },
  INITIALIZED: { secure: 'SECURED', terminate: 'TERMINATED' },
  SECURED: { lock: 'CARD_LOCKED', terminate: 'TERMINATED' },
  CARD_LOCKED: { unlock: 'SECURED', terminate: 'TERMINATED' },
  TERMINATED: {},
}

/** Life cycle of an application. GPCS §5.3.1, table 11-4; bits b7–b4 belong to the application. */
export const applicationStates = { INSTALLED: 0x03, SELECTABLE: 0x07, LOCKED: 0x83 } as const
/** Life cycle of a security domain other than the issuer's. GPCS §5.3.2, table 11-5. */
export const securityDomainStates = { INSTALLED: 0x03, SELECTABLE: 0x07, PERSONALIZED: 0x0f, LOCKED: 0x83 } as const
/** Life cycle of an executable load file. GPCS §5.2, table 11-3. */
export const loadFileStates = { LOADED: 0x01 } as const

export type ApplicationState = 'INSTALLED' | 'SELECTABLE' | 'PERSONALIZED'
export type ApplicationEvent = 'makeSelectable' | 'personalize'

export const applicationTransitions: Readonly<
  Record<ApplicationState, Partial<Record<ApplicationEvent, ApplicationState>>>
> = {
  INSTALLED: { makeSelectable: 'SELECTABLE' },
  SELECTABLE: { personalize: 'PERSONALIZED' },
  PERSONALIZED: {},
}

/** b8 locks whatever the other bits say, and they come back with unlocking. GPCS §5.3.1.3. */
export const lockedBit = 0x80
export const isLocked = (state: number): boolean => (state & lockedBit) !== 0
export const locked = (state: number): number => state | lockedBit
export const unlocked = (state: number): number => state & ~lockedBit

/** The state after an event, or undefined where the table has none. */
export const cardStateAfter = (event: CardEvent, from: CardState): CardState | undefined => cardTransitions[from][event]
export const applicationStateAfter = (event: ApplicationEvent, from: ApplicationState): ApplicationState | undefined =>
  applicationTransitions[from][event]

const nameIn = <N extends string>(states: Readonly<Record<N, number>>, state: number): N | undefined =>
  (Object.keys(states) as N[]).find((name) => states[name] === state)

export const cardStateName = (state: number): CardState | undefined => nameIn(cardStates, state)

/** A state as people read it: `PERSONALIZED, LOCKED`. */
export function describeState(kind: 'card' | 'securityDomain' | 'application' | 'loadFile', state: number): string {
  const hex = state.toString(16).padStart(2, '0').toUpperCase()
  if (kind === 'card') return cardStateName(state) ?? hex
  if (kind === 'loadFile') return nameIn(loadFileStates, state) ?? hex
  const name = nameIn(kind === 'securityDomain' ? securityDomainStates : applicationStates, unlocked(state)) ?? hex
  return isLocked(state) ? `${name}, LOCKED` : name
}
