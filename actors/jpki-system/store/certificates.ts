/** Certificates: what never changes of them here, their status beside it (statuses.ts). */
import type { Kysely } from 'kysely'
import type { CertificateRecord, CertificateStatus, Certificates, StoredAnswer } from '../domain/world.ts'
import { authorityCodes, dateOf, kindCodes, kindOfCode, stateCodes, toSecondsOf, unlistedAnywhere } from './codes.ts'
import { changingColumns, type StatusRow, statusColumns, toStatus, toStatusRow } from './statuses.ts'
import type { Tables } from './tables.ts'

/** Signs the OCSP answer for a status, so that it is stored in the very transaction that changes the status. */
export type Presign = (status: CertificateStatus) => Promise<StoredAnswer | undefined>

const columns = ['kind', 'person_id', 'key_identifier', 'not_before', 'der', 'successor'] as const

type Row = Pick<Tables['certificate'], (typeof columns)[number]> & StatusRow

export const toRecord = (row: Row): CertificateRecord => ({
  ...toStatus(row),
  kind: kindOfCode(row.kind),
  ...(row.person_id !== null && { personId: row.person_id }),
  keyIdentifier: row.key_identifier.toHex(),
  notBefore: dateOf(row.not_before),
  der: row.der,
  ...(row.successor !== null && { successor: row.successor.toHex() }),
})

const toRow = (record: CertificateRecord): Tables['certificate'] => ({
  authority: authorityCodes[record.authority],
  serial_number: Uint8Array.fromHex(record.serialNumber),
  kind: kindCodes[record.kind],
  person_id: record.personId ?? null,
  key_identifier: Uint8Array.fromHex(record.keyIdentifier),
  not_before: toSecondsOf(record.notBefore),
  der: record.der,
  successor: record.successor === undefined ? null : Uint8Array.fromHex(record.successor),
})

const none: Presign = async () => undefined

export const withStatus = (db: Kysely<Tables>) =>
  db
    .selectFrom('certificate')
    .innerJoin('certificate_status', (join) =>
      join
        .onRef('certificate_status.authority', '=', 'certificate.authority')
        .onRef('certificate_status.serial_number', '=', 'certificate.serial_number'),
    )
    .select([...columns, ...statusColumns])

export const certificatesIn = (db: Kysely<Tables>, presign: Presign = none): Certificates => {
  const all = () => withStatus(db)

  return {
    find: async (authority, serialNumber) => {
      const row = await all()
        .where('certificate.authority', '=', authorityCodes[authority])
        .where('certificate.serial_number', '=', Uint8Array.fromHex(serialNumber))
        .executeTakeFirst()
      return row && toRecord(row)
    },
    findByKey: async (authority, keyIdentifier) => {
      const row = await all()
        .where('certificate.authority', '=', authorityCodes[authority])
        .where('key_identifier', '=', Uint8Array.fromHex(keyIdentifier))
        .executeTakeFirst()
      return row && toRecord(row)
    },
    living: async (personId, kind) => {
      const rows = await all()
        .where('person_id', '=', personId)
        .where('kind', '=', kindCodes[kind])
        .where('state', 'in', [stateCodes.pending, stateCodes.valid, stateCodes.held])
        .orderBy('not_after', 'desc')
        .orderBy('certificate.serial_number')
        .execute()
      return rows.map(toRecord)
    },
    ofPerson: async (personId) => {
      const rows = await all()
        .where('person_id', '=', personId)
        .orderBy('not_before', 'desc')
        .orderBy('certificate.serial_number')
        .execute()
      return rows.map(toRecord)
    },
    add: (record) =>
      whole(db, async (held) => {
        await held.insertInto('certificate').values(toRow(record)).execute()
        await held.insertInto('certificate_status').values(toStatusRow(record)).execute()
      }),
    change: async (record, from, to, revocation) => {
      const { revocation: _, ...before } = record
      const status = { ...before, state: to, ...(revocation && { revocation }) }
      const isReleased = record.revocation !== undefined && revocation === undefined
      const { numUpdatedRows } = await db
        .updateTable('certificate_status')
        .set({ ...changingColumns(status, await presign(status)), ...(isReleased && { unlisted: unlistedAnywhere }) })
        .where('authority', '=', authorityCodes[record.authority])
        .where('serial_number', '=', Uint8Array.fromHex(record.serialNumber))
        .where('state', '=', stateCodes[from])
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    succeed: async ({ authority, serialNumber }, successor) => {
      await db
        .updateTable('certificate')
        .set({ successor: Uint8Array.fromHex(successor) })
        .where('authority', '=', authorityCodes[authority])
        .where('serial_number', '=', Uint8Array.fromHex(serialNumber))
        .execute()
    },
  }
}

/** Two rows that stand together, also where the caller has no transaction. */
const whole = (db: Kysely<Tables>, work: (held: Kysely<Tables>) => Promise<void>): Promise<void> =>
  db.isTransaction ? work(db) : db.transaction().execute(work)
