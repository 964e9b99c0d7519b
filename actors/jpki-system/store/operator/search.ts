/** Certificates as an operator looks for them. Pages go by the register's key: whatever is issued meanwhile, none is shown twice. */
import { type Kysely, sql } from 'kysely'
import type { CertificateState } from '../../domain/life-cycle.ts'
import type { AuthorityName, CertificateRecord } from '../../domain/world.ts'
import type { CertificatePlace, History, Search } from '../../operator/search.ts'
import { toRecord, withStatus } from '../certificates.ts'
import { authorityCodes, authorityOfCode, kindCodes, stateCodes, toSecondsOf } from '../codes.ts'
import type { Tables } from '../tables.ts'

/** How many certificates a page looks at where no index leads to those that are sought. */
const mostLookedAt = 10_000

export const searchIn = (db: Kysely<Tables>, lookedAt = mostLookedAt): Search => ({
  page: async (sought, { after, atMost, at }) => {
    const serialNumber = sought.serialNumber ?? (sought.order && (await certificateOf(db, sought.order)))
    if (sought.order !== undefined && serialNumber === undefined) return { found: [] }
    const isNamed = serialNumber !== undefined || sought.keyIdentifier !== undefined || sought.person !== undefined
    const end = isNamed ? undefined : await endOfWalk(db, sought.authority, after, lookedAt)
    let query = withStatus(db).where('kind', '<>', kindCodes.responder)
    if (sought.authority !== undefined)
      query = query.where('certificate.authority', '=', authorityCodes[sought.authority])
    else query = query.where('certificate.authority', 'in', Object.values(authorityCodes))
    if (serialNumber !== undefined)
      query = query.where('certificate.serial_number', '=', Uint8Array.fromHex(serialNumber))
    if (sought.keyIdentifier !== undefined)
      query = query.where('key_identifier', '=', Uint8Array.fromHex(sought.keyIdentifier))
    if (sought.person !== undefined) query = query.where('person_id', '=', sought.person)
    if (sought.kind !== undefined) query = query.where('kind', '=', kindCodes[sought.kind])
    if (sought.state !== undefined) query = query.where(inState(sought.state, at))
    if (after !== undefined) query = query.where(keyed('>', after))
    if (end !== undefined) query = query.where(keyed('<=', end))
    const rows = await query
      .orderBy('certificate.authority')
      .orderBy('certificate.serial_number')
      .limit(atMost + 1)
      .execute()
    const found = rows.slice(0, atMost).map(toRecord)
    const last = rows.length > atMost ? found.at(-1) : end
    return { found, ...(last !== undefined && { next: placeOf(last) }) }
  },
})

const placeOf = ({ authority, serialNumber }: Pick<CertificateRecord, 'authority' | 'serialNumber'>) => ({
  authority,
  serialNumber,
})

async function certificateOf(db: Kysely<Tables>, order: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('phone_order')
    .select('serial_number')
    .where('order_id', '=', order)
    .executeTakeFirst()
  return row?.serial_number ?? undefined
}

/** The last place that a page looks at; undefined when nothing is behind it. */
async function endOfWalk(
  db: Kysely<Tables>,
  authority: AuthorityName | undefined,
  after: CertificatePlace | undefined,
  lookedAt: number,
): Promise<CertificatePlace | undefined> {
  let query = db.selectFrom('certificate').select(['authority', 'serial_number'])
  if (authority !== undefined) query = query.where('authority', '=', authorityCodes[authority])
  if (after !== undefined) query = query.where(keyed('>', after))
  const row = await query
    .orderBy('authority')
    .orderBy('serial_number')
    .offset(lookedAt - 1)
    .limit(1)
    .executeTakeFirst()
  return row && { authority: authorityOfCode(row.authority), serialNumber: row.serial_number.toHex() }
}

/** Both databases compare rows, and walk the key for it. */
const keyed = (operator: '>' | '<=', { authority, serialNumber }: CertificatePlace) =>
  sql<boolean>`(certificate.authority, certificate.serial_number) ${sql.raw(operator)} (${authorityCodes[authority]}, ${Uint8Array.fromHex(serialNumber)})`

/** Expiry is read from the clock and never written. */
function inState(state: CertificateState, at: Date) {
  const now = toSecondsOf(at)
  const living = sql.join([stateCodes.pending, stateCodes.valid, stateCodes.held])
  if (state === 'expired') return sql<boolean>`(state in (${living}) and not_after < ${now})`
  const code = stateCodes[state]
  return state === 'revoked' || state === 'reserved'
    ? sql<boolean>`state = ${code}`
    : sql<boolean>`(state = ${code} and not_after >= ${now})`
}

export const historyIn = (db: Kysely<Tables>): History => ({
  of: (subject, atMost) =>
    db
      .selectFrom('journal_entry')
      .select(['id', 'at', 'actor', 'request', 'act', 'subject', 'detail', 'outcome'])
      .where('subject', '=', subject)
      .orderBy('position')
      .limit(atMost)
      .execute(),
})
