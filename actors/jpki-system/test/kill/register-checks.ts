/** Nothing in the register is half there: what belongs together is there together. */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Tables } from '../../store/index.ts'

/** Each finds what must not be; what it finds is named by its first column. */
const impossible: Readonly<Record<string, string>> = {
  'a certificate without its status': `select c.serial_number from certificate c left join certificate_status s
    on s.authority = c.authority and s.serial_number = c.serial_number where s.serial_number is null`,
  'a status without its certificate': `select s.serial_number from certificate_status s left join certificate c
    on s.authority = c.authority and s.serial_number = c.serial_number where c.serial_number is null`,
  'a revocation without its time or reason, or these without a revocation': `select serial_number from certificate_status
    where (state in (3, 4)) <> (revoked_at is not null) or (revoked_at is null) <> (reason is null)`,
  'a hold that is none': `select serial_number from certificate_status where (state = 3) <> (coalesce(reason, 0) = 6)`,
  'a certificate that is not revoked and waits for a list': `select serial_number from certificate_status
    where unlisted is not null and revoked_at is null`,
  'a person with cards that nobody has': `select person_id from certificate where person_id is not null
    and person_id not in (select id from person)`,
  'an order with a certificate and without its key': `select order_id from phone_order where key_generation = 'central'
    and serial_number is not null and proven_at is null and ended_at is null and sealed_private_key is null`,
  'an order with a key and without its certificate': `select order_id from phone_order
    where sealed_private_key is not null and serial_number is null and taken_key is null`,
  'an order that is over and keeps its key': `select order_id from phone_order
    where sealed_private_key is not null and (proven_at is not null or ended_at is not null)`,
  'a key in an order that is in the stock too': `select order_id from phone_order
    where taken_key in (select id from key_stock)`,
  'a pair of the stock in two orders': `select taken_key from phone_order where taken_key is not null
    group by taken_key having count(*) > 1`,
}

export async function registerFlaws(db: Kysely<Tables>): Promise<readonly string[]> {
  const flaws: string[] = []
  for (const [what, query] of Object.entries(impossible)) {
    const { rows } = await sql.raw<Record<string, unknown>>(query).execute(db)
    flaws.push(...rows.map((row) => `${what}: ${said(Object.values(row)[0])}`))
  }
  return [...flaws, ...(await orderFlaws(db))]
}

const said = (value: unknown): string => (value instanceof Uint8Array ? value.toHex() : String(value))

/** States by code: 1 pending, 2 valid, 3 held, 4 revoked. */
async function orderFlaws(db: Kysely<Tables>): Promise<readonly string[]> {
  const flaws: string[] = []
  const statuses = await db
    .selectFrom('certificate_status')
    .innerJoin('certificate', (join) =>
      join
        .onRef('certificate.serial_number', '=', 'certificate_status.serial_number')
        .onRef('certificate.authority', '=', 'certificate_status.authority'),
    )
    .select(['certificate.serial_number', 'certificate.authority', 'state', 'kind', 'person_id'])
    .execute()
  const ofAuth = new Map(statuses.filter((one) => one.authority === 2).map((one) => [one.serial_number.toHex(), one]))
  const orders = await db.selectFrom('phone_order').selectAll().execute()
  for (const order of orders) {
    const phone = order.serial_number === null ? undefined : ofAuth.get(order.serial_number)
    const card = ofAuth.get(order.auth_serial_number)
    const state = phone?.state
    const tell = (what: string) => flaws.push(`${what}: ${order.order_id} (certificate ${state}, card ${card?.state})`)
    if (order.serial_number !== null && phone === undefined) tell('an order with a certificate that is not there')
    if (order.proven_at !== null && (state === undefined || state < 2)) tell('possession proved of nothing good')
    if (order.proven_at === null && state === 2) tell('a phone’s certificate good without proof')
    if (order.ended_at !== null && state !== undefined && state < 3) tell('an order ended, and its certificate lives')
    if (card?.state === 4 && state !== undefined && state !== 4) tell('a card revoked, and its phone’s certificate not')
    if (card?.state === 3 && (state === 1 || state === 2)) tell('a card on hold, and its phone’s certificate not')
  }
  const ordered = new Set(orders.map((order) => order.serial_number))
  const phones = statuses.filter(({ kind }) => kind === 3)
  for (const { serial_number: serialNumber, state } of phones)
    if (state < 3 && !ordered.has(serialNumber.toHex()))
      flaws.push(`a phone’s certificate of no order: ${serialNumber.toHex()}`)
  const valid = Map.groupBy(
    phones.filter(({ state }) => state === 2),
    (one) => one.person_id,
  )
  for (const [personId, all] of valid) if (all.length > 1) flaws.push(`${all.length} phones of one person: ${personId}`)
  return flaws
}
