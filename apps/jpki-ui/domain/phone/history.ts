/**
 * What was done in this app, newest first. The app keeps it on the phone and tells it to nobody: neither SP-TSM nor a site has such a list.
 * What a reader does with the SIM by itself, without the app, is not in it.
 */
import { type Device, remember, remembered } from './device.ts'

export const deeds = [
  'applied',
  'downloaded',
  'loggedIn',
  'confirmed',
  'pinChanged',
  'pinReset',
  'pinLessOn',
  'pinLessOff',
  'phoneRegistered',
  'givenUp',
  'resumed',
  'disposed',
] as const
export type Deed = (typeof deeds)[number]

export interface HistoryEntry {
  readonly deed: Deed
  /** ISO 8601. */
  readonly at: string
  /** The site, where one asked: its address, its name, and who asked there. */
  readonly origin?: string
  readonly name?: string
  readonly requester?: string
  /** The code of the refusal, where it came to nothing. */
  readonly refused?: string
}

const key = 'history'
/** Fits into one value of the phone's storage, with the longest names. */
const most = 100

export const history = async (device: Device): Promise<readonly HistoryEntry[]> =>
  (await remembered<readonly HistoryEntry[]>(device, key)) ?? []

/** One after the other, so that none is lost. */
const turns = new WeakMap<Device, Promise<void>>()

/** What is told is done already: a phone that cannot keep it just now spoils nothing. */
export function note(device: Device, entry: Omit<HistoryEntry, 'at'>, now: Date): Promise<void> {
  const noted = (turns.get(device) ?? Promise.resolve()).then(async () => {
    const before = await history(device)
    await remember(device, key, [{ ...entry, at: now.toISOString() }, ...before].slice(0, most))
  })
  const turn = noted.catch(() => undefined)
  turns.set(device, turn)
  return turn
}

export const forgetHistory = (device: Device): Promise<void> => remember(device, key, undefined)
