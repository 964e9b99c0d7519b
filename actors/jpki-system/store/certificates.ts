/** Certificates, and the count of their revocations. */
import type { Kysely, Selectable } from 'kysely'
import type { CertificateRecord, Certificates, Revocation } from '../domain/world.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['certificate']>

const columns = [
  'authority',
  'serial_number',
  'generation',
  'kind',
  'state',
  'person_id',
  'key_identifier',
  'not_before',
  'not_after',
  'der',
  'revoked_at',
  'reason',
  'successor',
] as const satisfies readonly (keyof Row)[]
const statusColumns = [
  'authority',
  'serial_number',
  'generation',
  'state',
  'not_after',
  'revoked_at',
  'reason',
] as const satisfies readonly (keyof Row)[]

const toStatus = (row: Pick<Row, (typeof statusColumns)[number]>) => ({
  authority: row.authority,
  generation: row.generation,
  serialNumber: row.serial_number,
  state: row.state,
  notAfter: new Date(row.not_after),
  ...(row.revoked_at !== null &&
    row.reason !== null && { revocation: { at: new Date(row.revoked_at), reason: row.reason } }),
})

const toRecord = (row: Row): CertificateRecord => ({
  ...toStatus(row),
  kind: row.kind,
  ...(row.person_id !== null && { personId: row.person_id }),
  keyIdentifier: row.key_identifier,
  notBefore: new Date(row.not_before),
  der: row.der,
  ...(row.successor !== null && { successor: row.successor }),
})

const toRow = (record: CertificateRecord): Row => ({
  authority: record.authority,
  serial_number: record.serialNumber,
  generation: record.generation,
  kind: record.kind,
  state: record.state,
  person_id: record.personId ?? null,
  key_identifier: record.keyIdentifier,
  not_before: record.notBefore.toISOString(),
  not_after: record.notAfter.toISOString(),
  der: record.der,
  revoked_at: record.revocation?.at.toISOString() ?? null,
  reason: record.revocation?.reason ?? null,
  successor: record.successor ?? null,
})

export const certificatesIn = (db: Kysely<Tables>): Certificates => ({
  find: async (authority, serialNumber) => {
    const row = await db
      .selectFrom('certificate')
      .select(columns)
      .where('authority', '=', authority)
      .where('serial_number', '=', serialNumber)
      .executeTakeFirst()
    return row && toRecord(row)
  },
  findByKey: async (authority, keyIdentifier) => {
    const row = await db
      .selectFrom('certificate')
      .select(columns)
      .where('authority', '=', authority)
      .where('key_identifier', '=', keyIdentifier)
      .executeTakeFirst()
    return row && toRecord(row)
  },
  living: async (personId, kind) => {
    const rows = await db
      .selectFrom('certificate')
      .select(columns)
      .where('person_id', '=', personId)
      .where('kind', '=', kind)
      .where('state', 'in', ['pending', 'valid', 'held'])
      .orderBy('not_after', 'desc')
      .orderBy('serial_number')
      .execute()
    return rows.map(toRecord)
  },
  statusOf: async (authority, generation, serialNumbers) => {
    if (serialNumbers.length === 0) return new Map()
    const rows = await db
      .selectFrom('certificate')
      .select(statusColumns)
      .where('authority', '=', authority)
      .where('serial_number', 'in', serialNumbers)
      .where('generation', '=', generation)
      .execute()
    return new Map(rows.map((row) => [row.serial_number, toStatus(row)]))
  },
  add: async (record) => {
    await db.insertInto('certificate').values(toRow(record)).execute()
  },
  change: async ({ authority, generation, serialNumber }, from, to, revocation) => {
    const { numUpdatedRows } = await db
      .updateTable('certificate')
      .set({
        state: to,
        ...(revocation && { revoked_at: revocation.at.toISOString(), reason: revocation.reason }),
      })
      .where('authority', '=', authority)
      .where('serial_number', '=', serialNumber)
      .where('state', '=', from)
      .executeTakeFirst()
    if (numUpdatedRows === 1n && revocation !== undefined)
      await db
        .updateTable('ca_generation')
        .set(({ eb }) => ({ revocations: eb('revocations', '+', 1) }))
        .where('name', '=', authority)
        .where('generation', '=', generation)
        .execute()
    return numUpdatedRows === 1n
  },
  succeed: async ({ authority, serialNumber }, successor) => {
    await db
      .updateTable('certificate')
      .set({ successor })
      .where('authority', '=', authority)
      .where('serial_number', '=', serialNumber)
      .execute()
  },
  revoked: async (authority, generation, endingAfter) => {
    const rows = await db
      .selectFrom('certificate')
      .select(['serial_number', 'revoked_at', 'reason'])
      .where('revoked_at', 'is not', null)
      .where('authority', '=', authority)
      .where('generation', '=', generation)
      .where('not_after', '>', endingAfter.toISOString())
      .orderBy('serial_number')
      .execute()
    return rows.map((row) => ({
      serialNumber: row.serial_number,
      at: new Date(row.revoked_at as string),
      reason: row.reason as Revocation['reason'],
    }))
  },
})
