/** What the JPKI system publishes about terminals, read again every few minutes, and used to its end while it cannot be read. */
import { openTerminalList, type TerminalAuthority } from '@mobile-jpki/jpki'
import { describeTerminals } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'
import type { TerminalTrust } from './evidence.ts'

const readAgainAfter = 5 * 60_000

/** `authorities` are known beforehand: what is published is believed only under their signature. */
export function publishedTrust(
  publication: Peer,
  authorities: readonly TerminalAuthority[],
  now: () => Date,
): TerminalTrust {
  let known: { readonly list: Uint8Array; readonly number: number; readonly readAt: Date } | undefined
  const read = async (): Promise<Uint8Array> => {
    const { list } = await call(publication, describeTerminals, {})
    // An older or foreign list does not take the place of a good one.
    const opened = await openTerminalList(list, authorities, now())
    const number = typeof opened === 'string' ? -1 : opened.number
    if (known === undefined || number >= known.number) known = { list, number, readAt: now() }
    return known.list
  }
  return {
    authorities,
    list: async () => {
      if (known !== undefined && now().getTime() - known.readAt.getTime() < readAgainAfter) return known.list
      try {
        return await read()
      } catch (error) {
        if (known !== undefined) return known.list
        throw new Refusal('certificate.status-unknown', 'The list of revoked terminals cannot be read.', {
          whose: 'jpki-system',
          cause: error,
        })
      }
    },
  }
}
