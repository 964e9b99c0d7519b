/** Residents in a database. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Act, PresentCard, Resident } from '../domain/resident.ts'
import type { Residents } from '../domain/world.ts'
import type { Tables } from './tables.ts'

type Row = Omit<Selectable<Tables['resident']>, 'position' | 'sealed_pins'>

const columns = [
  'id',
  'state',
  'name',
  'kana',
  'address',
  'birth_date',
  'gender',
  'municipality',
  'card_number',
  'card_expires',
  'auth_serial_number',
  'sign_serial_number',
  'known_by',
  'act',
] as const satisfies readonly (keyof Row)[]

function cardIn({ card_number, card_expires, auth_serial_number, sign_serial_number }: Row): PresentCard | undefined {
  if (card_number === null || card_expires === null || auth_serial_number === null) return undefined
  const sign = sign_serial_number === null ? {} : { sign: sign_serial_number }
  return { number: card_number, expires: card_expires, auth: auth_serial_number, ...sign }
}

function toResident(row: Row): Resident {
  const { id, state, name, kana, address, gender, municipality } = row
  const card = cardIn(row)
  return {
    id,
    state,
    items: { name, kana, address, birthDate: row.birth_date, gender },
    municipality,
    ...(card && { card }),
    ...(row.known_by !== null && { knownBy: row.known_by }),
    ...(row.act !== null && { act: JSON.parse(row.act) as Act }),
  }
}

const toRow = ({ id, state, items, municipality, card, knownBy, act }: Resident): Row => ({
  id,
  state,
  name: items.name,
  kana: items.kana,
  address: items.address,
  birth_date: items.birthDate,
  gender: items.gender,
  municipality,
  card_number: card?.number ?? null,
  card_expires: card?.expires ?? null,
  auth_serial_number: card?.auth ?? null,
  sign_serial_number: card?.sign ?? null,
  known_by: knownBy ?? null,
  act: act === undefined ? null : JSON.stringify(act),
})

export const residentsIn = (db: Kysely<Tables>): Residents => ({
  find: async (id) => {
    const row = await db.selectFrom('resident').select(columns).where('id', '=', id).executeTakeFirst()
    return row && toResident(row)
  },
  all: async () => {
    const rows = await db.selectFrom('resident').select(columns).orderBy('position').orderBy('id').execute()
    return rows.map(toResident)
  },
  unfinished: async () => {
    const rows = await db.selectFrom('resident').select('id').where('act', 'is not', null).orderBy('position').execute()
    return rows.map(({ id }) => id)
  },
  add: async (resident, sealedPins) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('resident')
      .values(({ selectFrom }) => ({
        ...toRow(resident),
        position: selectFrom('resident').select(sql<number>`coalesce(max(position), 0) + 1`.as('next')),
        sealed_pins: sealedPins ?? null,
      }))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows === 1n
  },
  begin: async ({ id, state }, act, sealedPins) => {
    const { numUpdatedRows } = await db
      .updateTable('resident')
      .set({ act: JSON.stringify(act), sealed_pins: sealedPins ?? null })
      .where('id', '=', id)
      .where('state', '=', state)
      .where('act', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  sealedPins: async (id) => {
    const row = await db.selectFrom('resident').select('sealed_pins').where('id', '=', id).executeTakeFirst()
    return row?.sealed_pins ?? undefined
  },
  end: async (resident) => {
    await db
      .updateTable('resident')
      .set({ ...toRow(resident), act: null, sealed_pins: null })
      .where('id', '=', resident.id)
      .execute()
  },
  remove: async (id) => {
    await db.deleteFrom('resident').where('id', '=', id).execute()
  },
})
