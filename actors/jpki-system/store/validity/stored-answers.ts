/** Status and stored answer of one certificate, by the shortest way that the database has. */
import type { Lookup, Store } from '@mobile-jpki/store'
import type { AuthorityName, StoredStatus, StoredStatuses } from '../../domain/world.ts'
import { authorityCodes } from '../codes.ts'
import type { Tables } from '../tables.ts'

const columns = ['generation', 'revoked_at', 'reason', 'answer', 'responder'] as const
type Row = Pick<Tables['certificate_status'], (typeof columns)[number]>

export function storedStatusesIn({ db, lookup }: Pick<Store<Tables>, 'db' | 'lookup'>): StoredStatuses {
  const byName: Lookup<Row> = lookup<Row>(
    db
      .selectFrom('certificate_status')
      .select(columns)
      .where('authority', '=', 0)
      .where('serial_number', '=', new Uint8Array())
      .compile(),
  )
  return {
    find: (authority: AuthorityName, serialNumber) => {
      const row = byName(authorityCodes[authority], serialNumber)
      return row instanceof Promise ? row.then(toStored) : toStored(row)
    },
  }
}

const secondsAt = (octets: Uint8Array, at: number): number =>
  (octets[at] ?? 0) * 0x1000000 + ((octets[at + 1] ?? 0) << 16) + ((octets[at + 2] ?? 0) << 8) + (octets[at + 3] ?? 0)

function toStored(row: Row | undefined): StoredStatus | undefined {
  if (row === undefined || row.answer === null || row.responder === null) return undefined
  const { generation, revoked_at: at, reason, answer, responder } = row
  return {
    generation,
    responder,
    revoked: at === null || reason === null ? undefined : { at, reason },
    thisUpdate: secondsAt(answer, 0),
    nextUpdate: secondsAt(answer, 4),
    signature: answer.subarray(8),
  }
}
