/** The terminal on the counter: its certificate renews itself, and what it reads is judged by the library. docs/protocols/pin-less.md. */
import { randomBytes } from 'node:crypto'
import type { Jpki } from '@mobile-jpki/relying-party'
import type { Peer } from '@mobile-jpki/service/call'
import { judgeOf, publishedTrust, type Terminal, type TerminalKeyWorld, terminalKey } from '@mobile-jpki/terminal'

export interface TerminalParts extends TerminalKeyWorld {
  readonly institution: string
  readonly library: Jpki
  /** Where the JPKI system publishes the list of revoked terminals. */
  readonly publication: Peer
  /** The terminal CA, known beforehand. */
  readonly authorities: Parameters<typeof publishedTrust>[1]
}

export function terminalOf({ institution, library, publication, authorities, ...own }: TerminalParts): Terminal {
  const { terminalId, now } = own
  return {
    institution,
    terminalId,
    judge: judgeOf({ library, terminals: publishedTrust(publication, authorities, now), now }),
    key: terminalKey(own),
    random: (length) => new Uint8Array(randomBytes(length)),
  }
}
