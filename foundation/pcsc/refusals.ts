/** What pcsc-mini reports, as a refusal that a person can act on. Return codes: PC/SC Part 5; winscard.h. */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

interface Meaning {
  readonly code: RefusalCode
  readonly detail: (reader: string) => string
}

const absent: Meaning = { code: 'card.absent', detail: (reader) => `There is no card in ${reader}.` }
const pulled: Meaning = { code: 'card.absent', detail: (reader) => `The card was taken out of ${reader}.` }
const mute: Meaning = {
  code: 'card.absent',
  detail: (reader) => `The card in ${reader} does not answer; turn it over, or lay it straight.`,
}
const gone: Meaning = { code: 'reader.absent', detail: (reader) => `There is no reader ${reader}.` }
const busy: Meaning = { code: 'reader.busy', detail: (reader) => `Another program uses the card in ${reader}.` }
const stopped: Meaning = { code: 'reader.service-absent', detail: () => startService }

export const startService = 'Start it: pcscd, or systemctl start pcscd.socket where it is installed.'

// biome-ignore format: a table, one line each
const meanings: Readonly<Record<string, Meaning>> = {
  CommError: mute,
  NoReadersAvailable: gone,
  NoService: stopped,
  NoSmartCard: absent,
  NotTransacted: pulled,
  ProtoMismatch: mute,
  ReaderUnavailable: gone,
  RemovedCard: pulled,
  ResetCard: { code: 'reader.busy', detail: (reader) => `Another program reset the card in ${reader}.` },
  ServiceStopped: stopped,
  SharingViolation: busy,
  UnknownReader: gone,
  UnpoweredCard: mute,
  UnresponsiveCard: mute,
}

/** Some drivers answer with nothing at all when the card leaves in the middle of a command. */
export const pulledOut = (reader: string): Refusal => new Refusal(pulled.code, pulled.detail(reader))

/** Whatever has no meaning to a person stays the fault that it is. */
export function refusalOf(error: unknown, reader: string): unknown {
  const { code } = error instanceof Error && 'code' in error ? error : { code: undefined }
  const meaning = typeof code === 'string' && Object.hasOwn(meanings, code) ? meanings[code] : undefined
  return meaning === undefined ? error : new Refusal(meaning.code, meaning.detail(reader), { cause: error })
}
