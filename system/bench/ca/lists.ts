/** A list of very many revoked certificates: read from the register, built, signed, published. */

import { other } from '../processes.ts'
import { fill } from './fill.ts'
import { openPlace } from './place.ts'

export interface ListFigures {
  readonly entries: number
  readonly octets: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** SHA-256 over the finished list, which its signature needs at the least. */
  readonly hashSeconds: number
  readonly peakBefore: number
  readonly peak: number
  /** How long other work in the same process had to wait at most. */
  readonly longestPauseMilliseconds: number
}

export async function measureList(
  directory: string,
  entries: number,
  progress: (share: number) => void,
): Promise<ListFigures> {
  const place = await openPlace(directory)
  const { databaseUrl, keys, port } = place
  try {
    await fill(place, { certificates: entries, asked: 0, revoked: true, progress })
  } finally {
    await place.close()
  }
  const making = other('ca/lists-process.ts', { databaseUrl, keys, publicBaseUrl: `http://127.0.0.1:${port}` })
  try {
    return { entries, ...(await making.said<Omit<ListFigures, 'entries'>>()) }
  } finally {
    await making.stop()
  }
}
