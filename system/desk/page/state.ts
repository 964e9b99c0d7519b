/** What the page knows: the things of the town, and how the person looks at them. Asked again and again, since hands may be elsewhere. */
import { call } from '@mobile-jpki/service/call'
import {
  buySim,
  type CardPlace,
  type Desk,
  describeDesk,
  insertSim,
  layCard,
  type PhonePlace,
  putPhone,
} from '../contract.ts'
import { type Language, type Texts, texts } from './texts.ts'

export type Theme = 'auto' | 'light' | 'dark'
/** What a narrow screen shows of the desk. */
export const views = ['phone', 'windows', 'mail', 'card'] as const
export type View = (typeof views)[number]
export type Busy = 'moving' | 'restarting' | 'buying'

export interface State {
  readonly desk: Desk
  readonly language: Language
  readonly t: Texts
  readonly theme: Theme
  readonly view: View
  /** The window that is open on the PC. */
  readonly window: string
  readonly busy: Busy | undefined
  /** What went wrong last: the code of a refusal. */
  readonly problem: string | undefined
}

const town = { url: location.origin, actor: 'system', as: 'user' } as const
const pollMilliseconds = 1500

const remembered = (key: string): string | null => localStorage.getItem(`desk/${key}`)
const remember = (key: string, value: string): void => localStorage.setItem(`desk/${key}`, value)

const languageWished = (): Language => (remembered('language') === 'en' ? 'en' : 'ja')
const themeWished = (): Theme => {
  const wished = remembered('theme')
  return wished === 'light' || wished === 'dark' ? wished : 'auto'
}

export interface Store {
  readonly state: State
  /** Calls it now and after every change. */
  watch(listener: (state: State) => void): void
  set(change: Partial<Pick<State, 'view' | 'window' | 'problem'>>): void
  speak(language: Language): void
  shine(theme: Theme): void
  layCard(at: CardPlace): void
  putPhone(at: PhonePlace): void
  insertSim(iccid: string | undefined): void
  buySim(simType: string): void
}

export async function openStore(): Promise<Store> {
  const language = languageWished()
  let state: State = {
    desk: await call(town, describeDesk, {}),
    language,
    t: texts[language],
    theme: themeWished(),
    view: 'phone',
    window: 'relyingParty',
    busy: undefined,
    problem: undefined,
  }
  const listeners: ((state: State) => void)[] = []
  const set = (change: Partial<State>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener(state)
  }
  const act = async (busy: Busy, work: () => Promise<Desk>) => {
    if (state.busy !== undefined) return
    set({ busy, problem: undefined })
    try {
      set({ desk: await work(), busy: undefined })
    } catch (error) {
      set({ busy: undefined, problem: codeOf(error) })
    }
  }
  const poll = async () => {
    if (!document.hidden && state.busy === undefined) {
      const asked = state
      const desk = await call(town, describeDesk, {}).catch(() => undefined)
      if (state.busy === undefined && asked.desk === state.desk) {
        if (desk === undefined) set({ problem: 'peer.unreachable' })
        else if (JSON.stringify(desk) !== JSON.stringify(state.desk)) set({ desk })
        if (desk !== undefined && state.problem === 'peer.unreachable') set({ problem: undefined })
      }
    }
    setTimeout(poll, pollMilliseconds)
  }
  setTimeout(poll, pollMilliseconds)
  return {
    get state() {
      return state
    },
    watch: (listener) => {
      listeners.push(listener)
      listener(state)
    },
    set,
    speak: (wished) => {
      remember('language', wished)
      set({ language: wished, t: texts[wished] })
    },
    shine: (theme) => {
      remember('theme', theme)
      set({ theme })
    },
    layCard: (at) => void act('moving', () => call(town, layCard, { at })),
    putPhone: (at) => void act('moving', () => call(town, putPhone, { at })),
    insertSim: (iccid) =>
      void act('restarting', () => call(town, insertSim, { ...(iccid !== undefined && { iccid }) })),
    buySim: (simType) => void act('buying', () => call(town, buySim, { simType })),
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal'
