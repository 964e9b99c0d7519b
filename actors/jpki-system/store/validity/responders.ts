/** OCSP responders that the CAs certified; stored answers name them by number. */
import type { Kysely } from 'kysely'
import type { ResponderRecord, Responders } from '../../domain/world.ts'
import { authorityCodes, authorityOfCode, dateOf, toSecondsOf } from '../codes.ts'
import type { Tables } from '../tables.ts'

const columns = ['id', 'authority', 'generation', 'certificate', 'not_after'] as const

const toRecord = (row: Pick<Tables['ocsp_responder'], (typeof columns)[number]>): ResponderRecord => ({
  id: row.id,
  authority: authorityOfCode(row.authority),
  generation: row.generation,
  certificate: row.certificate,
  notAfter: dateOf(row.not_after),
})

export const respondersIn = (db: Kysely<Tables>): Responders => ({
  find: async (id) => {
    const row = await db.selectFrom('ocsp_responder').select(columns).where('id', '=', id).executeTakeFirst()
    return row && toRecord(row)
  },
  add: async ({ authority, generation, certificate, notAfter }) => {
    const { last } = await db
      .selectFrom('ocsp_responder')
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirstOrThrow()
    const id = (last ?? 0) + 1
    await db
      .insertInto('ocsp_responder')
      .values({
        id,
        authority: authorityCodes[authority],
        generation,
        certificate,
        not_after: toSecondsOf(notAfter),
      })
      .execute()
    return id
  },
})
