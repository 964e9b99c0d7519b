/** Revocation lists, and what they do not say yet. */
import { type Kysely, sql } from 'kysely'
import type { ListHead, ListScope, Lists, Revocation, RevokedEntry, UnlistedEntry } from '../domain/world.ts'
import {
  authorityCodes,
  authorityOfCode,
  dateOf,
  everyPartition,
  partitionCode,
  partitionOfCode,
  reasonCodes,
  reasonOfCode,
  toSecondsOf,
  unlistedIn,
} from './codes.ts'
import type { Tables } from './tables.ts'

const entryColumns = ['serial_number', 'partition', 'revoked_at', 'reason'] as const
type EntryRow = Pick<Tables['certificate_status'], (typeof entryColumns)[number]>

const toEntry = (row: EntryRow): RevokedEntry => ({
  serialNumber: row.serial_number.toHex(),
  ...(row.partition !== null && { partition: partitionOfCode(row.partition) }),
  at: dateOf(row.revoked_at ?? 0),
  reason: reasonOfCode(row.reason ?? 0),
})

const toUnlisted = (row: EntryRow): UnlistedEntry => {
  const { at: _, reason: __, ...released } = toEntry(row)
  return row.revoked_at === null ? released : toEntry(row)
}

const headColumns = ['number', 'this_update', 'names'] as const
const toHead = (row: Pick<Tables['crl'], (typeof headColumns)[number]>): ListHead => ({
  number: row.number,
  thisUpdate: new Date(row.this_update),
  ...(row.names !== null && { names: row.names }),
})

const markOf = ({ partition }: ListScope): number => (partition === undefined ? unlistedIn.full : unlistedIn.partition)
const isMarked = (mark: number) => sql<boolean>`(unlisted & ${sql.lit(mark)}) <> 0`
const codeOf = ({ partition }: ListScope): number =>
  partition === undefined ? everyPartition : partitionCode(partition)

export const listsIn = (db: Kysely<Tables>): Lists => {
  const within = (scope: ListScope) => {
    const all = db
      .selectFrom('certificate_status')
      .select(entryColumns)
      .where('authority', '=', authorityCodes[scope.authority])
      .where('generation', '=', scope.generation)
    return scope.partition === undefined ? all : all.where('partition', '=', partitionCode(scope.partition))
  }

  const published = (scope: ListScope) =>
    db
      .selectFrom('crl')
      .where('name', '=', scope.authority)
      .where('generation', '=', scope.generation)
      .where('partition', '=', codeOf(scope))

  return {
    due: async () => {
      const marked = (mark: number) =>
        db.selectFrom('certificate_status').where('unlisted', 'is not', null).where(isMarked(mark)).distinct()
      const partitions = await marked(unlistedIn.partition)
        .select(['authority', 'generation', 'partition'])
        .where('partition', 'is not', null)
        .execute()
      const full = await marked(unlistedIn.full).select(['authority', 'generation']).execute()
      return [
        ...partitions.map(({ authority, generation, partition }) => ({
          authority: authorityOfCode(authority),
          generation,
          partition: partitionOfCode(partition ?? everyPartition),
        })),
        ...full.map(({ authority, generation }) => ({ authority: authorityOfCode(authority), generation })),
      ]
    },
    aged: async ({ name, generation }, before, atMost) => {
      const rows = await db
        .selectFrom('crl')
        .select('partition')
        .where('name', '=', name)
        .where('generation', '=', generation)
        .where('this_update', '<', before.toISOString())
        .orderBy('this_update')
        .limit(atMost)
        .execute()
      return rows.map(({ partition }) => ({
        authority: name,
        generation,
        ...(partition !== everyPartition && { partition: partitionOfCode(partition) }),
      }))
    },
    unlisted: async (scope, atMost) => {
      const rows = await within(scope)
        .where('unlisted', 'is not', null)
        .where(isMarked(markOf(scope)))
        .limit(atMost)
        .execute()
      return rows.map(toUnlisted)
    },
    revoked: async (scope, endingAfter, { after, size }) => {
      const all = within(scope)
        .where('revoked_at', 'is not', null)
        .where('not_after', '>', toSecondsOf(endingAfter))
        .orderBy('partition')
        .orderBy('serial_number')
        .limit(size)
      const rows = await (after === undefined
        ? all
        : all.where(({ eb, refTuple, tuple }) =>
            eb(
              refTuple('partition', 'serial_number'),
              '>',
              tuple(
                after.partition === undefined ? everyPartition : partitionCode(after.partition),
                Uint8Array.fromHex(after.serialNumber),
              ),
            ),
          )
      ).execute()
      return rows.map(toEntry)
    },
    head: async (scope) => {
      const row = await published(scope).select(headColumns).executeTakeFirst()
      return row && toHead(row)
    },
    latest: async (scope) => {
      const row = await published(scope)
        .select([...headColumns, 'der'])
        .executeTakeFirst()
      return row && { ...toHead(row), der: row.der }
    },
    publish: async (scope, { number, thisUpdate, names = null, der }, listed) => {
      const name = { name: scope.authority, generation: scope.generation, partition: codeOf(scope) }
      const list = { number, this_update: thisUpdate.toISOString(), names, der }
      if (!(await (number === 1 ? firstOf(db, name, list) : nextOf(db, name, list)))) return false
      for (const alike of alikes(listed))
        await db
          .updateTable('certificate_status')
          .set({ unlisted: sql<number>`nullif(unlisted & ~${sql.lit(markOf(scope))}, 0)` })
          .where('authority', '=', authorityCodes[scope.authority])
          .where(
            'serial_number',
            'in',
            alike.serialNumbers.map((serialNumber) => Uint8Array.fromHex(serialNumber)),
          )
          .where(
            'revoked_at',
            alike.at === undefined ? 'is' : '=',
            alike.at === undefined ? null : toSecondsOf(alike.at),
          )
          .where(
            'reason',
            alike.reason === undefined ? 'is' : '=',
            alike.reason === undefined ? null : reasonCodes[alike.reason],
          )
          .execute()
      return true
    },
  }
}

const mostAlike = 500

type Alike = Partial<Revocation> & { readonly serialNumbers: string[] }

/** Of a thousand revocations most share their second and their reason with others, and are marked with them. */
function alikes(listed: readonly UnlistedEntry[]): readonly Alike[] {
  const open = new Map<string, Alike>()
  const all: Alike[] = []
  for (const { at, reason, serialNumber } of listed) {
    const key = `${at?.getTime()} ${reason}`
    let alike = open.get(key)
    if (alike === undefined || alike.serialNumbers.length === mostAlike) {
      alike = { ...(at && { at }), ...(reason && { reason }), serialNumbers: [] }
      open.set(key, alike)
      all.push(alike)
    }
    alike.serialNumbers.push(serialNumber)
  }
  return all
}

type Name = Pick<Tables['crl'], 'name' | 'generation' | 'partition'>
type List = Omit<Tables['crl'], keyof Name>

async function firstOf(db: Kysely<Tables>, name: Name, list: List): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('crl')
    .values({ ...name, ...list })
    .onConflict((conflict) => conflict.columns(['name', 'generation', 'partition']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

async function nextOf(db: Kysely<Tables>, { name, generation, partition }: Name, list: List): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('crl')
    .set(list)
    .where('name', '=', name)
    .where('generation', '=', generation)
    .where('partition', '=', partition)
    .where('number', '=', list.number - 1)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
