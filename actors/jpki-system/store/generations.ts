/** CA generations, and the ceremonies that made them: each file as it was approved, and what came of it. */
import type { Kysely, Selectable } from 'kysely'
import type { BegunCeremony, Ceremonies } from '../ca/ceremony/ceremonies.ts'
import type { CeremonyRecord } from '../ca/ceremony/record.ts'
import type { Generations } from '../domain/world.ts'
import type { CeremonyTable } from './migrations/ceremonies.ts'
import type { Tables } from './tables.ts'

export const generationsIn = (db: Kysely<Tables>): Generations => ({
  all: async () => {
    const rows = await db
      .selectFrom('ca_generation')
      .select(['name', 'generation', 'certificate', 'issues_from'])
      .orderBy('name')
      .orderBy('generation')
      .execute()
    return rows.map(({ issues_from, ...one }) => ({
      ...one,
      ...(issues_from !== null && { issuesFrom: new Date(issues_from) }),
    }))
  },
  add: async ({ name, generation, certificate, issuesFrom }) => {
    await db
      .insertInto('ca_generation')
      .values({ name, generation, certificate, issues_from: issuesFrom?.toISOString() ?? null })
      .onConflict((conflict) => conflict.columns(['name', 'generation']).doNothing())
      .execute()
  },
})

const columns = ['digest', 'number', 'document', 'signatures', 'begun_at', 'outcome', 'record'] as const

export const ceremoniesIn = (db: Kysely<Tables>): Ceremonies => ({
  find: async (digest) => {
    const row = await db.selectFrom('ceremony').select(columns).where('digest', '=', digest).executeTakeFirst()
    return row && toCeremony(row)
  },
  all: async () => {
    const rows = await db.selectFrom('ceremony').select(columns).orderBy('number').execute()
    return rows.map(toCeremony)
  },
  begin: async ({ digest, number, document, signatures, begunAt }) => {
    await db
      .insertInto('ceremony')
      .values({
        digest,
        number,
        document,
        signatures: JSON.stringify(signatures.map((signature) => signature.toBase64())),
        begun_at: begunAt.toISOString(),
        ended_at: null,
        outcome: null,
        record: null,
      })
      .execute()
  },
  end: async (digest, outcome, at, record) => {
    const { numUpdatedRows } = await db
      .updateTable('ceremony')
      .set({ outcome, ended_at: at.toISOString(), record: record === undefined ? null : JSON.stringify(record) })
      .where('digest', '=', digest)
      .where('outcome', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
})

type Row = Pick<Selectable<CeremonyTable>, (typeof columns)[number]>

const toCeremony = ({ digest, number, document, signatures, begun_at, outcome, record }: Row): BegunCeremony => ({
  digest,
  number,
  document,
  signatures: (JSON.parse(signatures) as readonly string[]).map((signature) => Uint8Array.fromBase64(signature)),
  begunAt: new Date(begun_at),
  ...(outcome !== null && { outcome }),
  ...(record !== null && { record: JSON.parse(record) as CeremonyRecord }),
})
