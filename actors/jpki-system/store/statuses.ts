/** Status of certificates, with the OCSP answer signed for it. Columns of a row change together or not at all. */
import type { Kysely, Selectable } from 'kysely'
import type { CertificateRecord, CertificateStatus, Statuses, StoredAnswer } from '../domain/world.ts'
import {
  authorityCodes,
  authorityOfCode,
  dateOf,
  partitionCode,
  partitionOfCode,
  reasonCodes,
  reasonOfCode,
  stateCodes,
  stateOfCode,
  toSecondsOf,
  unlistedAnywhere,
} from './codes.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['certificate_status']>

export const statusColumns = [
  'certificate_status.authority',
  'certificate_status.serial_number',
  'generation',
  'partition',
  'state',
  'not_after',
  'revoked_at',
  'reason',
] as const

export type StatusRow = Pick<
  Row,
  'authority' | 'serial_number' | 'generation' | 'partition' | 'state' | 'not_after' | 'revoked_at' | 'reason'
>

export const toStatus = (row: StatusRow): CertificateStatus => ({
  authority: authorityOfCode(row.authority),
  generation: row.generation,
  serialNumber: row.serial_number.toHex(),
  ...(row.partition !== null && { partition: partitionOfCode(row.partition) }),
  state: stateOfCode(row.state),
  notAfter: dateOf(row.not_after),
  ...(row.revoked_at !== null &&
    row.reason !== null && { revocation: { at: dateOf(row.revoked_at), reason: reasonOfCode(row.reason) } }),
})

/** An answer is to be stored for what is or was good; of the rest OCSP says "unknown", which anyone may ask about anything. */
const isAnswered = ({ state, revocation }: Pick<CertificateStatus, 'state' | 'revocation'>): boolean =>
  state === 'valid' || revocation !== undefined

const answerColumns = (answer: StoredAnswer) => ({
  answer: compact(answer),
  responder: answer.responder,
  answer_due: toSecondsOf(answer.due),
})
const noAnswer = { answer: null, responder: null } as const

function compact({ thisUpdate, nextUpdate, signature }: StoredAnswer): Uint8Array {
  const octets = new Uint8Array(8 + signature.length)
  const view = new DataView(octets.buffer)
  view.setUint32(0, toSecondsOf(thisUpdate))
  view.setUint32(4, toSecondsOf(nextUpdate))
  octets.set(signature, 8)
  return octets
}

/** What a status says besides its name. A status that changes loses its answer, and is due for another at once. */
export const changingColumns = (status: Pick<CertificateStatus, 'state' | 'revocation'>, answer?: StoredAnswer) => ({
  state: stateCodes[status.state],
  revoked_at: status.revocation === undefined ? null : toSecondsOf(status.revocation.at),
  reason: status.revocation === undefined ? null : reasonCodes[status.revocation.reason],
  unlisted: status.revocation === undefined ? null : unlistedAnywhere,
  ...noAnswer,
  answer_due: isAnswered(status) ? 0 : null,
  ...(answer && answerColumns(answer)),
})

export const toStatusRow = (record: CertificateRecord, answer?: StoredAnswer): Row => ({
  authority: authorityCodes[record.authority],
  serial_number: Uint8Array.fromHex(record.serialNumber),
  generation: record.generation,
  partition: record.partition === undefined ? null : partitionCode(record.partition),
  not_after: toSecondsOf(record.notAfter),
  ...changingColumns(record, answer),
  ...(record.kind === 'responder' && { ...noAnswer, answer_due: null }),
})

export const statusesIn = (db: Kysely<Tables>): Statuses => ({
  of: async (authority, generation, serialNumbers) => {
    if (serialNumbers.length === 0) return new Map()
    const rows = await db
      .selectFrom('certificate_status')
      .select(statusColumns)
      .where('authority', '=', authorityCodes[authority])
      .where(
        'serial_number',
        'in',
        serialNumbers.map((one) => Uint8Array.fromHex(one)),
      )
      .where('generation', '=', generation)
      .execute()
    return new Map(rows.map(toStatus).map((status) => [status.serialNumber, status]))
  },
  due: async (at, atMost) => {
    const rows = await db
      .selectFrom('certificate_status')
      .select(statusColumns)
      .where('answer_due', '<=', toSecondsOf(at))
      .orderBy('answer_due')
      .limit(atMost)
      .execute()
    return rows.map(toStatus)
  },
  keep: async (answers) => {
    for (const { status, answer } of answers) {
      const { revocation } = status
      await db
        .updateTable('certificate_status')
        .set(answer === undefined ? { ...noAnswer, answer_due: null } : answerColumns(answer))
        .where('authority', '=', authorityCodes[status.authority])
        .where('serial_number', '=', Uint8Array.fromHex(status.serialNumber))
        .where('state', '=', stateCodes[status.state])
        .where('revoked_at', revocation === undefined ? 'is' : '=', revocation ? toSecondsOf(revocation.at) : null)
        .where('reason', revocation === undefined ? 'is' : '=', revocation ? reasonCodes[revocation.reason] : null)
        .execute()
    }
  },
})
