/** No act without its entry, no entry without its act: the journal against the register. */
import { join } from 'node:path'
import { checkpointsOf, sentenceOf, verify } from '@mobile-jpki/journal'
import { openKeyring } from '@mobile-jpki/keyring'
import type { Kysely } from 'kysely'
import { certificateNamed, generationNamed } from '../../domain/acts.ts'
import { authorityOfCode, everyPartition, partitionOfCode, reasonOfCode } from '../../store/codes.ts'
import type { Tables } from '../../store/index.ts'

interface Entry {
  readonly act: string
  readonly subject: string
  readonly detail: Readonly<Record<string, string | number>>
  readonly outcome: string
}

/** Sealed or not: an entry is as good from the moment its act is. Those that are being sealed are met twice. */
export async function entriesIn(db: Kysely<Tables>): Promise<readonly Entry[]> {
  const waiting = await db.selectFrom('journal_waiting').select(['id', 'text']).execute()
  const sealed = await db.selectFrom('journal_entry').select(['id', 'act', 'subject', 'detail', 'outcome']).execute()
  const entries = new Map<string, Entry>()
  for (const { id, text } of waiting) {
    const [, , , , act = '', subject = '', detail = '{}', outcome = ''] = JSON.parse(text) as string[]
    entries.set(id, { act, subject, detail: JSON.parse(detail) as Entry['detail'], outcome })
  }
  for (const { id, detail, ...entry } of sealed)
    entries.set(id, { ...entry, detail: JSON.parse(detail) as Entry['detail'] })
  return [...entries.values()]
}

export async function journalFlaws(db: Kysely<Tables>): Promise<readonly string[]> {
  const done = (await entriesIn(db)).filter(({ outcome }) => outcome === 'done')
  const subjectsOf = (...acts: readonly string[]) =>
    Map.groupBy(
      done.filter(({ act }) => acts.includes(act)),
      ({ subject }) => subject,
    )
  const flaws: string[] = []
  const compare = (what: string, entries: ReadonlyMap<string, readonly Entry[]>, acts: ReadonlySet<string>) => {
    for (const subject of acts) if (!entries.has(subject)) flaws.push(`${what} without an entry: ${subject}`)
    for (const [subject, { length }] of entries) {
      if (!acts.has(subject)) flaws.push(`an entry without ${what}: ${subject}`)
      if (length > 1) flaws.push(`${length} entries for ${what}: ${subject}`)
    }
  }

  const certificates = await db
    .selectFrom('certificate')
    .innerJoin('certificate_status', (join) =>
      join
        .onRef('certificate.serial_number', '=', 'certificate_status.serial_number')
        .onRef('certificate.authority', '=', 'certificate_status.authority'),
    )
    .select(['certificate.authority', 'certificate.serial_number', 'kind', 'reason'])
    .where('kind', '<>', 4)
    .execute()
  const named = certificates.map(({ authority, serial_number: octets, reason }) => ({
    subject: certificateNamed({ authority: authorityOfCode(authority), serialNumber: octets.toHex() }),
    reason: reason === null ? undefined : reasonOfCode(reason),
  }))
  compare('a certificate', subjectsOf('certificate.issued'), new Set(named.map(({ subject }) => subject)))

  const ends = subjectsOf('certificate.revoked', 'certificate.held')
  const revoked = named.filter(({ reason }) => reason !== undefined)
  for (const { subject, reason } of revoked)
    if (ends.get(subject)?.at(-1)?.detail['reason'] !== reason) flaws.push(`a revocation without its entry: ${subject}`)
  const revokedNames = new Set(revoked.map(({ subject }) => subject))
  for (const subject of ends.keys())
    if (!revokedNames.has(subject)) flaws.push(`an entry without its revocation: ${subject}`)

  const persons = await db.selectFrom('person').select('id').execute()
  compare('a person', subjectsOf('person.enrolled'), new Set(persons.map(({ id }) => id)))
  const orders = await db.selectFrom('phone_order').select('order_id').execute()
  compare('an order', subjectsOf('order.reserved'), new Set(orders.map((order) => order.order_id)))
  return [...flaws, ...(await listFlaws(db, subjectsOf('list.published')))]
}

/** The chain as the auditor sees it, with the checkpoints beside the database. */
export async function chainFlaws(db: Kysely<Tables>, dataDirectory: string): Promise<readonly string[]> {
  const { publicKey } = await (await openKeyring(join(dataDirectory, 'keys'))).signer('journal', 'p-256')
  const checkpoints = checkpointsOf(join(dataDirectory, 'journal'))
  const { findings } = await verify({ db, name: 'jpki-system', publicKey, checkpoints })
  return findings.map(sentenceOf)
}

/** Every number of a list was published once, none is left out, and the last one is what is there. */
async function listFlaws(
  db: Kysely<Tables>,
  published: ReadonlyMap<string, readonly Entry[]>,
): Promise<readonly string[]> {
  const flaws: string[] = []
  const lists = await db.selectFrom('crl').select(['name', 'generation', 'partition', 'number']).execute()
  for (const { name, generation, partition, number } of lists) {
    const list = generationNamed(
      { name, generation },
      partition === everyPartition ? undefined : partitionOfCode(partition),
    )
    const numbers = (published.get(list) ?? []).map(({ detail }) => Number(detail['number'])).sort((a, b) => a - b)
    const wanted = Array.from({ length: number }, (_, index) => index + 1)
    if (JSON.stringify(numbers) !== JSON.stringify(wanted))
      flaws.push(`${list} is at ${number}, and the journal has ${numbers.join(' ')}`)
  }
  return flaws
}
