/** What of an administration session outlives a reset, so that it is resumed: the parameters, where it goes on, how often it may be tried. GPC Amendment B §3.6. */
import { Aid } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { SessionParameters } from '@mobile-jpki/ota'
import { ascii, optional, required, type TypeOf, template, unsigned } from '@mobile-jpki/tlv'

const Record = template({
  domain: required(0x4f, Aid),
  parameters: required(0x83, SessionParameters),
  /** Tries that are left after this one. */
  attempts: required(0xc0, unsigned(2)),
  /** Of the last POST that was answered, or is to be. */
  uri: optional(0x8c, ascii({ max: 255 })),
})
export type AdministrationRecord = TypeOf<typeof Record>

const place = 'card/administration'

export function recordIn(nvm: Nvm): AdministrationRecord | undefined {
  const kept = nvm.get(place)
  return kept === undefined ? undefined : Record.decode(kept)
}

export const keepRecord = (nvm: Nvm, record: AdministrationRecord | undefined): void =>
  nvm.set(place, record && Record.encode(record))
