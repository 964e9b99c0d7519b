/** What went to the SIM and back: how often, and how many octets, by the bearer that it had. */
import type { TraceEntry } from '@mobile-jpki/trace'
import type { Bearer } from './cells.ts'

export interface Air {
  /** The agent: requests by HTTPS. SCP80: short messages to the SIM, each with its report. SCP81: requests of the SIM. */
  readonly roundTrips: number
  /** Agent: bodies of requests and replies. SCP80: TPDUs as the network carries them, and what the SIM answers. SCP81: bodies and heads within TLS, and the short message that wakes. */
  readonly octets: number
}

const carries: Readonly<Record<Bearer, (entry: TraceEntry) => boolean>> = {
  agent: ({ what }) => what === 'handshake' || what === 'remoteManagement',
  scp80: ({ what }) => what === 'ENVELOPE (SMS-PP DOWNLOAD)',
  scp81: ({ what }) => what === 'POST (SCP81)' || what === 'ENVELOPE (SMS-PP DOWNLOAD)',
}

export function airOf(bearer: Bearer, entries: readonly TraceEntry[]): Air {
  const carried = entries.filter(carries[bearer])
  return { roundTrips: carried.length, octets: carried.reduce((sum, { octets }) => sum + octets, 0) }
}
