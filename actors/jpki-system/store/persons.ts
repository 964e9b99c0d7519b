/** Persons: what of them must be known to certify their keys, and what happened to them. */
import type { Kysely, Selectable } from 'kysely'
import type { Person, Persons } from '../domain/world.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['person']>

const columns = [
  'id',
  'birth_date',
  'municipality_code',
  'prefecture',
  'city',
  'card_expires',
  'items_changed_at',
  'ended_at',
  'ended_as',
] as const satisfies readonly (keyof Row)[]

const toRow = ({ id, birthDate, municipality, cardExpires, itemsChangedAt, ended }: Person): Row => ({
  id,
  birth_date: birthDate,
  municipality_code: municipality.code,
  prefecture: municipality.prefecture,
  city: municipality.city,
  card_expires: cardExpires,
  items_changed_at: itemsChangedAt?.toISOString() ?? null,
  ended_at: ended?.at.toISOString() ?? null,
  ended_as: ended?.as ?? null,
})

const toPerson = (row: Row): Person => ({
  id: row.id,
  birthDate: row.birth_date,
  municipality: { code: row.municipality_code, prefecture: row.prefecture, city: row.city },
  cardExpires: row.card_expires,
  ...(row.items_changed_at !== null && { itemsChangedAt: new Date(row.items_changed_at) }),
  ...(row.ended_at !== null && row.ended_as !== null && { ended: { at: new Date(row.ended_at), as: row.ended_as } }),
})

export const personsIn = (db: Kysely<Tables>): Persons => ({
  find: async (id) => {
    const row = await db.selectFrom('person').select(columns).where('id', '=', id).executeTakeFirst()
    return row && toPerson(row)
  },
  save: async (person) => {
    const row = toRow(person)
    await db
      .insertInto('person')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  },
})
