/** SP-TSM's tables. Times are ISO 8601 in UTC; yes is 1. */
import type { ActorName, RefusalCode } from '@mobile-jpki/refusal'
import type { Generated } from 'kysely'
import type { OrderState } from '../contract.ts'
import type { LetterKind } from '../domain/letter.ts'
import type { News, Order } from '../domain/order.ts'
import type { LifeTables } from '../life/store/tables.ts'
import type { SpentChallengeRow } from './binding.ts'

export { migrations } from './migrations.ts'

export interface OrderRow {
  id: string
  state: OrderState
  iccid: string
  carrier: string
  created_at: string
  access_code: Uint8Array | null
  session: Uint8Array | null
  code_expires: string | null
  wrong_tries: number
  applicant: string
  sign_certificate: string
  phone_certificate: string | null
  device_key: Uint8Array | null
  attested_by: 'casd' | 'voucher' | null
  /** JSON, as are terms, trouble and setback. */
  form: string
  trouble: string | null
  setback: string | null
  application: Uint8Array
  password: Uint8Array
  sealed_access_code: Uint8Array | null
  bearer: NonNullable<Order['bearer']> | null
  security_domain: Uint8Array | null
  instance_aid: Uint8Array | null
  terms: string | null
  own_key_set: Uint8Array | null
  initial_key_set: Uint8Array | null
  initial_key_version: number | null
  discard_owed: number
  terminate_owed: number
  replaced_by: string | null
  /** Follow from the rest, for those who look for them. */
  due_at: string | null
  whose: ActorName | null
  waits_for: ActorName | null
  /** Of the rest of the row, see seals/seals.ts; none in rows that are older than seals. */
  seal: Uint8Array | null
}

/** Who works on the order: changed by leases only. */
export interface OrderTable extends OrderRow {
  lease_owner: string | null
  lease_until: string | null
  lease_token: Generated<number>
}

export interface EventRow {
  order_id: string
  number: number
  at: string
  event: News['event']
  from_state: OrderState
  to_state: OrderState
  by_actor: ActorName | null
  code: RefusalCode | null
  whose: ActorName | null
  detail: string | null
}

export interface LetterRow {
  id: string
  order_id: string
  kind: LetterKind
  name: string
  /** JSON */
  content: string
  sealed_code: Uint8Array | null
  written_at: string
  /** None when nothing is to be done any more. */
  due_at: string | null
  tries: number
  lease_until: string | null
  lease_token: number
  sent_at: string | null
  refused_at: string | null
}

export interface PinRow {
  id: string
  turn: string
  attestation: Uint8Array
  instance_aid: Uint8Array
  wanted_until: string
  envelope: Uint8Array | null
}

export interface RateRow {
  what: string
  since: string
  count: number
}

export interface Tables extends LifeTables {
  sp_spent_challenge: SpentChallengeRow
  sp_order: OrderTable
  sp_order_event: EventRow
  sp_letter: LetterRow
  sp_pin: PinRow
  sp_rate: RateRow
}
