/** What was told is so: in the register, in the lists, and in what OCSP answers. */
import { parseCrl } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { Kysely } from 'kysely'
import { authorityOfCode, everyPartition, partitionOfCode, reasonOfCode } from '../../store/codes.ts'
import type { Tables } from '../../store/index.ts'
import type { Process } from './installation.ts'
import { type Ledger, nameOf } from './ledger.ts'
import { fetched, issuerOf } from './watch.ts'

interface Row {
  readonly name: string
  readonly authority: 'sign' | 'auth'
  readonly serialNumber: string
  readonly partition: string | undefined
  readonly state: number
  readonly der: Uint8Array
  readonly revocation: { readonly at: number; readonly reason: string } | undefined
}

async function rowsIn(db: Kysely<Tables>): Promise<ReadonlyMap<string, Row>> {
  const rows = await db
    .selectFrom('certificate')
    .innerJoin('certificate_status', (join) =>
      join
        .onRef('certificate.serial_number', '=', 'certificate_status.serial_number')
        .onRef('certificate.authority', '=', 'certificate_status.authority'),
    )
    .select(['certificate.authority', 'certificate.serial_number', 'der', 'state', 'partition', 'revoked_at', 'reason'])
    .where('kind', '<>', 4)
    .execute()
  return new Map(
    rows.map(({ authority: code, serial_number: octets, der, state, partition, revoked_at: at, reason }) => {
      const [authority, serialNumber] = [authorityOfCode(code), octets.toHex()]
      const name = nameOf({ authority, serialNumber })
      const revocation = at === null || reason === null ? undefined : { at, reason: reasonOfCode(reason) }
      const part = partition === null ? undefined : partitionOfCode(partition)
      return [name, { name, authority, serialNumber, der, state, partition: part, revocation }]
    }),
  )
}

export async function toldFlaws(db: Kysely<Tables>, ledger: Ledger, asked: Process): Promise<readonly string[]> {
  const rows = await rowsIn(db)
  return [
    ...registerFlaws(rows, ledger),
    ...(await orderFlaws(db, ledger)),
    ...(await listFlaws(db, rows, ledger, asked)),
    ...(await ocspFlaws(rows, ledger, asked)),
  ]
}

function registerFlaws(rows: ReadonlyMap<string, Row>, { certificates }: Ledger): readonly string[] {
  const flaws: string[] = []
  for (const [name, { der, revocation }] of certificates) {
    const row = rows.get(name)
    if (row === undefined || row.der.toHex() !== der.toHex()) flaws.push(`${name} was handed over, and is not there`)
    if (revocation?.revokedAt === undefined || row === undefined) continue
    const at = Date.parse(revocation.revokedAt) / 1000
    if (row.revocation === undefined) flaws.push(`${name} was told to be revoked, and is not`)
    else if (row.state === 4 && revocation.reason === 'certificateHold') continue
    else if (row.revocation.at !== at) flaws.push(`${name} was revoked at ${at}, and says ${row.revocation.at}`)
  }
  return flaws
}

async function orderFlaws(db: Kysely<Tables>, { orders }: Ledger): Promise<readonly string[]> {
  const rows = new Map((await db.selectFrom('phone_order').selectAll().execute()).map((row) => [row.order_id, row]))
  const flaws: string[] = []
  for (const { orderId, state, serialNumber } of orders.values()) {
    const row = rows.get(orderId)
    if (state !== 'asked' && row?.serial_number !== serialNumber)
      flaws.push(`the order ${orderId} lost its certificate`)
    if (state === 'proved' && row?.proven_at == null) flaws.push(`the order ${orderId} lost its proof`)
    if (state === 'discarded' && row?.ended_at == null) flaws.push(`the order ${orderId} lost its end`)
  }
  return flaws
}

/** Once nothing is due, the lists say what the register says: all of it, and nothing else. */
async function listFlaws(db: Kysely<Tables>, rows: ReadonlyMap<string, Row>, ledger: Ledger, asked: Process) {
  const flaws: string[] = []
  const lists = await db.selectFrom('crl').select(['name', 'generation', 'partition', 'der']).execute()
  for (const { name: authority, generation, partition: code, der } of lists) {
    const partition = code === everyPartition ? undefined : partitionOfCode(code)
    const scope = { authority, generation, ...(partition !== undefined && { partition }) }
    const served = await fetched(ledger, asked, scope)
    if (served === undefined) flaws.push(`${authority} ${partition ?? ''} is stored, and not served`)
    const listed = new Map([...parseCrl(der).entries()].map((entry) => [entry.serialNumber, entry]))
    for (const row of rows.values()) {
      if (row.authority !== authority || (partition !== undefined && row.partition !== partition)) continue
      const entry = listed.get(row.serialNumber)
      listed.delete(row.serialNumber)
      const said = entry && `${entry.revocationDate.getTime() / 1000} ${entry.reason}`
      const is = row.revocation && `${row.revocation.at} ${row.revocation.reason}`
      if (said !== is)
        flaws.push(`the list ${authority} ${partition ?? ''} says ${said} of ${row.name}, which is ${is}`)
    }
    for (const serialNumber of listed.keys())
      flaws.push(`the list ${authority} ${partition ?? ''} has ${serialNumber}, which is nobody’s`)
  }
  return flaws
}

/** The stored answer is the one for the state: good of a valid certificate alone. */
async function ocspFlaws(rows: ReadonlyMap<string, Row>, ledger: Ledger, asked: Process): Promise<readonly string[]> {
  const youngest = [...rows.values()].filter(({ revocation }) => revocation !== undefined).slice(-80)
  const others = [...rows.values()].filter(({ revocation }) => revocation === undefined).slice(-40)
  const flaws = await Promise.all([...youngest, ...others].map((row) => ocspFlaw(row, ledger, asked)))
  return flaws.filter((flaw) => flaw !== undefined)
}

async function ocspFlaw(row: Row, ledger: Ledger, asked: Process): Promise<string | undefined> {
  const issuer = await issuerOf(ledger, asked, row.authority)
  const path = encodeURIComponent(ocspRequest(issuer, row.serialNumber).toBase64())
  const response = await fetch(`${asked.publicUrl}/ocsp/${path}`)
  const der = new Uint8Array(await response.arrayBuffer())
  const expected = { issuer, serialNumber: row.serialNumber, at: new Date(), tolerance: 5000 }
  const answer = await verifyOcspResponse(der, expected).catch((error: unknown) => String(error))
  const said = typeof answer === 'string' ? answer : answer.status
  const wanted = row.revocation ? 'revoked' : row.state === 2 ? 'good' : 'unknown'
  return said === wanted ? undefined : `OCSP of ${asked.name} says ${said} of ${row.name}, which is ${wanted}`
}
