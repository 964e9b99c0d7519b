/**
 * A resident (住民) as the counter keeps one, and the life cycle: every event is a thing that a person does or that befalls one.
 *
 *   cardless ─issue─▶ carded ─stop─▶ stopped ─find─▶ carded        any of the three ─die─▶ dead, ─emigrate─▶ emigrated
 *       ◀──lose, giveBack──┴────lose, giveBack───┘
 */
import type { FourItems } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'

export const states = ['cardless', 'carded', 'stopped', 'dead', 'emigrated'] as const
export type ResidentState = (typeof states)[number]

export const events = [
  'issue',
  'renew',
  'renewCertificates',
  'stop',
  'lose',
  'find',
  'giveBack',
  'move',
  'rename',
  'correct',
  'die',
  'emigrate',
] as const
export type ResidentEvent = (typeof events)[number]

export const residentTransitions: Readonly<
  Record<ResidentState, Readonly<Partial<Record<ResidentEvent, ResidentState>>>>
> = {
  /** Before the first card, and after one was lost or given back. */
  cardless: {
    issue: 'carded',
    move: 'cardless',
    rename: 'cardless',
    correct: 'cardless',
    die: 'dead',
    emigrate: 'emigrated',
  },
  carded: {
    renew: 'carded',
    renewCertificates: 'carded',
    stop: 'stopped',
    lose: 'cardless',
    giveBack: 'cardless',
    move: 'carded',
    rename: 'carded',
    correct: 'carded',
    die: 'dead',
    emigrate: 'emigrated',
  },
  /** By the hotline, until it is known whether the card is found. A stop is never lifted: whoever finds the card gets another one. */
  stopped: {
    find: 'carded',
    lose: 'cardless',
    giveBack: 'cardless',
    move: 'stopped',
    rename: 'stopped',
    correct: 'stopped',
    die: 'dead',
    emigrate: 'emigrated',
  },
  dead: {},
  emigrated: {},
}

export const isFinal = (state: ResidentState): boolean => Object.keys(residentTransitions[state]).length === 0

const sentences: Readonly<Record<ResidentState, string>> = {
  cardless: 'The person has no card.',
  carded: 'The person has a card that works.',
  stopped: "The person's card is stopped: it is found or lost.",
  dead: 'The person is dead.',
  emigrated: 'The person left the country.',
}

export function after(event: ResidentEvent, from: ResidentState): ResidentState {
  const to = residentTransitions[from][event]
  if (to === undefined) throw new Refusal('conditions.not-satisfied', sentences[from])
  return to
}

/** 基本4情報 and the reading of the name (フリガナ), which no certificate states. */
export interface Items extends FourItems {
  readonly kana: string
}

export interface Card {
  /** As the card itself tells it. */
  readonly number: string
  readonly expires: string
}

export interface PresentCard extends Card {
  /** Serial numbers of the certificates in it, whatever became of them. */
  readonly auth: string
  readonly sign?: string
}

/** What was begun: written before anything is done, gone when all of it is done. */
export type Act =
  | { readonly event: 'issue' | 'renew' | 'find'; readonly card: Card }
  | { readonly event: 'renewCertificates' }
  | {
      readonly event: 'move' | 'rename' | 'correct'
      readonly items: Items
      readonly municipality: string
      readonly newSignKey: boolean
    }
  | { readonly event: 'stop' | 'lose' | 'giveBack' | 'die' | 'emigrate' }

export interface Resident {
  readonly id: string
  readonly state: ResidentState
  readonly items: Items
  /** Its code. */
  readonly municipality: string
  readonly card?: PresentCard
  /** Serial number of the auth certificate of the present or last card: by it the JPKI system knows the person. */
  readonly knownBy?: string
  readonly act?: Act
}
