/** What has been done in the town, by the messages that passed and by hands: kept, so that a visitor finds later where the story stands. */
import type { Ring, TraceEntry } from '@mobile-jpki/trace'
import { z } from 'zod'
import { Station } from './contract.ts'
import { keptIn } from './kept.ts'

/** The message with which a station is done. */
const messages: Readonly<Record<string, Station>> = {
  getAppFile: 'install',
  applyForDownload: 'apply',
  authenticate: 'code',
  provePossession: 'download',
  answerLogin: 'login',
  giveNewPinEnvelope: 'pin',
  stopPhone: 'stop',
}

export const stationOf = ({ what, ok }: Pick<TraceEntry, 'what' | 'ok'>): Station | undefined =>
  ok && Object.hasOwn(messages, what) ? messages[what] : undefined

export interface Stations {
  readonly done: readonly Station[]
  add(station: Station): void
  close(): Promise<void>
}

export async function openStations(file: string, trace: Pick<Ring, 'subscribe'>): Promise<Stations> {
  const kept = keptIn(file, z.array(Station))
  const done = new Set(await kept.read())
  let writing: Promise<unknown> = Promise.resolve()
  const add = (station: Station) => {
    if (done.has(station)) return
    done.add(station)
    writing = writing.then(() => kept.write([...done])).catch(() => undefined)
  }
  const unsubscribe = trace.subscribe((entry) => {
    const station = stationOf(entry)
    if (station !== undefined) add(station)
  })
  return {
    get done() {
      return [...done]
    },
    add,
    close: async () => {
      unsubscribe()
      await writing
    },
  }
}
