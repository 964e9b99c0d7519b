/** The tables of MNO-TSM, and how they came to be. */
import type { Migration } from '@mobile-jpki/store'
import type { Generated } from 'kysely'
import { carriers } from './migrations/carriers.ts'
import { management } from './migrations/management.ts'
import { registry } from './migrations/registry.ts'
import { type AirTables, overTheAir } from './over-the-air.ts'

export interface Tables extends AirTables {
  sim: {
    iccid: string
    carrier: string
    se_id: string
    imsi: string
    key_diversification_data: Uint8Array
    profile: string
    key_version: number
    state: string
    order_id: string | null
    successor: string | null
  }
  line: {
    carrier: string
    msisdn: string
    iccid: string
    subscriber: string
    user_name: string | null
    state: string
    device_model: string | null
    device_os: string | null
  }
  deployment: {
    order_id: string
    iccid: string
    session_id: string
    state: string
    key_transport: Uint8Array
    wrapped_key_set: Uint8Array | null
    key_set: Uint8Array | null
    set_up_version: number | null
    set_up_message: Uint8Array | null
    last_token: number | null
    last_receipt: number | null
    refusal_code: string | null
    refusal_detail: string | null
    refusal_told: number
    requested_at: string
  }
  function_call: {
    caller: string
    id: string
    fingerprint: string
    answer: Uint8Array
    kept_until: string
  }
  notification: {
    id: string
    /** The order in which they happened. */
    position: Generated<number>
    name: string
    carrier: string
    iccid: string
    other_iccid: string | null
    /** JSON. */
    message: string
    happened_at: string
    tries: number
    due_at: string
    trouble: string | null
    taken_at: string | null
  }
  signing_key: { name: string; sealed: Uint8Array }
}

/** Only ever longer: a store of any earlier version opens. */
export const migrations: readonly Migration[] = [registry, carriers, management, overTheAir]
