/**
 * The register's tables. Where there is a row for every certificate of the country, it is narrow: codes for names (codes.ts), seconds
 * since 1970 for times, octets for serial numbers. Elsewhere times are ISO 8601 in UTC, which sort as text, and serial numbers are hex.
 */
import { type JournalTables, journalMigration } from '@mobile-jpki/journal'
import type { TerminalRole } from '@mobile-jpki/jpki'
import type { KeptAnswer } from '@mobile-jpki/service'
import type { Migration } from '@mobile-jpki/store'
import type { AuthorityName } from '../domain/world.ts'
import { type CeremonyTable, ceremonies } from './migrations/ceremonies.ts'
import { certificateStatus } from './migrations/certificate-status.ts'
import { idempotency } from './migrations/idempotency.ts'
import { journalBySubject } from './migrations/journal-by-subject.ts'
import { persons } from './migrations/persons.ts'
import { phoneKeys } from './migrations/phone-keys.ts'
import { phoneLife } from './migrations/phone-life.ts'
import { register } from './migrations/register.ts'
import { terminals } from './migrations/terminals.ts'
import { vouchers } from './migrations/vouchers.ts'

export interface Tables extends JournalTables {
  ceremony: CeremonyTable
  ca_generation: {
    name: AuthorityName
    generation: number
    certificate: Uint8Array
    issues_from: string | null
  }
  /** `partition` is a municipality code, or 0 for the list of all. */
  crl: {
    name: AuthorityName
    generation: number
    partition: number
    number: number
    this_update: string
    /** GeneralNames of a partition, as its certificates have them. */
    names: Uint8Array | null
    der: Uint8Array
  }
  person: {
    id: string
    birth_date: string
    municipality_code: string
    prefecture: string
    city: string
    card_expires: string
    items_changed_at: string | null
    ended_at: string | null
    ended_as: 'died' | 'emigrated' | null
  }
  /** What never changes of a certificate, with its place in the line of its holder's; the rest is in `certificate_status`. */
  certificate: {
    authority: number
    serial_number: Uint8Array
    kind: number
    person_id: string | null
    key_identifier: Uint8Array
    not_before: number
    der: Uint8Array
    successor: Uint8Array | null
  }
  /** What validity nodes read; nothing in it names a person. */
  certificate_status: {
    authority: number
    serial_number: Uint8Array
    generation: number
    partition: number | null
    state: number
    not_after: number
    revoked_at: number | null
    reason: number | null
    /** Lists that do not say the revocation yet (codes.ts). */
    unlisted: number | null
    /** Stored OCSP answer: thisUpdate and nextUpdate, four octets each, and the signature r ‖ s. */
    answer: Uint8Array | null
    responder: number | null
    /** When a new answer is to be signed; null where none is to be stored. */
    answer_due: number | null
  }
  ocsp_responder: {
    id: number
    authority: number
    generation: number
    certificate: Uint8Array
    not_after: number
  }
  /** Pairs made ahead. */
  key_stock: {
    id: string
    public_key: Uint8Array
    sealed_private_key: Uint8Array
  }
  phone_order: {
    order_id: string
    person_id: string
    iccid: string
    key_generation: 'central' | 'on-card'
    attested_by: 'casd' | 'voucher'
    sign_serial_number: string
    auth_serial_number: string
    serial_number: string | null
    sealed_private_key: Uint8Array | null
    /** The pair of `key_stock` that it was, until it has its certificate. */
    taken_key: string | null
    taken_public_key: Uint8Array | null
    /** Null when nothing waits any more. */
    waits_until: string | null
    proven_at: string | null
    ended_at: string | null
    /** SP-TSM had the certificate stopped: it may be resumed. */
    stopped_at: string | null
  }
  /** What SP-TSM has yet to hear of. */
  phone_change: {
    id: string
    order_id: string
    changed_at: string
  }
  terminal: {
    terminal_id: string
    institution: string
    role: TerminalRole
    public_key: Uint8Array
    enrolled_at: string
    /** YYYY-MM-DD, of its latest certificate. */
    certified_until: string | null
    revoked_at: string | null
  }
  /** The latest list of revoked terminals, as it was signed. */
  terminal_list: {
    number: number
    octets: Uint8Array
  }
  /** Answers of acts under an Idempotency-Key, for a day. */
  kept_answer: {
    caller: KeptAnswer['caller']
    key: string
    fingerprint: string
    text: string
    kept_until: number
  }
}

/** In order; what a register has been through is never changed. */
export const migrations: readonly Migration[] = [
  register,
  certificateStatus,
  persons,
  journalMigration('jpki-system'),
  idempotency,
  phoneKeys,
  ceremonies,
  journalBySubject,
  vouchers,
  phoneLife,
  terminals,
]
