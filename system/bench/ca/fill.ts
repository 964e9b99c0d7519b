/**
 * A register as full as a country's, without the hours that a country takes: rows written past the CA, as long as real ones. OCSP answers
 * are really signed for those certificates that are going to be asked about; those of the others are as long, and nobody looks at them.
 */
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { certifyResponder } from '@mobile-jpki/jpki-system/contract'
import {
  authorityCodes,
  type CertificateRecord,
  type Issuer,
  issuersIn,
  kindCodes,
  ocspResponders,
  openRegister,
  presigner,
  reasonCodes,
  stateCodes,
  toSecondsOf,
  validityRegisterIn,
} from '@mobile-jpki/jpki-system/measured'
import { call } from '@mobile-jpki/service'
import { type Place, peerOf } from './place.ts'

export interface Filled {
  readonly issuer: Issuer
  /** Serial numbers whose answers are signed. */
  readonly asked: readonly string[]
}

export interface Filling {
  readonly certificates: number
  readonly asked: number
  /** All of them revoked instead of valid. */
  readonly revoked?: boolean
  readonly progress?: (share: number) => void
}

const partition = 13_101
/** Of a phone's certificate under RSA-2048. */
const certificateLength = 1_240
const answerLife = 12 * 3_600_000
const atOnce = 20_000
const serialSpace = 1n << 62n

export async function fill(place: Place, { certificates, asked, revoked = false, progress }: Filling): Promise<Filled> {
  const store = await openRegister(place.databaseUrl)
  const authority = await peerOf(place, 'validity-node')
  try {
    const now = () => new Date()
    const random = (length: number) => new Uint8Array(randomBytes(length))
    const issuers = issuersIn(validityRegisterIn(store).generations, now)
    await issuers.read()
    const issuer = issuers.all().find(({ name }) => name === 'auth')
    if (issuer === undefined) throw new Error('the CA is not there')
    const responders = ocspResponders({
      now,
      certify: (request) => call(authority, certifyResponder, request),
      onFault: (error) => {
        throw error
      },
    })
    await responders.of(issuer)
    const presign = presigner({ now, random, issuers, responders, lifeMilliseconds: answerLife })
    const serials = await write(place, { certificates, asked, revoked, ...(progress && { progress }) }, async (one) => {
      const answer = await presign({ ...one, authority: 'auth', generation: issuer.generation, state: 'valid' })
      if (answer === undefined) throw new Error('no answer was signed')
      return answer
    })
    return { issuer, asked: serials }
  } finally {
    await authority.close()
    await store.close()
  }
}

type Presigned = (one: Pick<CertificateRecord, 'serialNumber' | 'notAfter'>) => Promise<{
  readonly responder: number
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly signature: Uint8Array
}>

const certificateRow = `insert into certificate (authority, serial_number, kind, key_identifier, not_before, der)
  values (${authorityCodes.auth}, ?, ${kindCodes.auth}, ?, ?, ?)`
const statusRow = `insert into certificate_status (authority, serial_number, generation, "partition", state, not_after,
  revoked_at, reason, answer, responder, answer_due) values (${authorityCodes.auth}, ?, 1, ${partition}, ?, ?, ?, ?, ?, ?, ?)`

async function write({ databaseUrl }: Place, filling: Filling, presigned: Presigned): Promise<readonly string[]> {
  const { certificates, asked, revoked = false, progress = () => {} } = filling
  const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length))
  database.exec('PRAGMA synchronous=OFF; PRAGMA cache_size=-500000; PRAGMA busy_timeout=60000')
  const [addCertificate, addStatus] = [database.prepare(certificateRow), database.prepare(statusRow)]
  const serials: string[] = []
  const at = toSecondsOf(new Date())
  const notAfter = new Date((at + 5 * 365 * 86_400) * 1000)
  const step = serialSpace / BigInt(certificates)
  const every = Math.max(1, Math.floor(certificates / asked))
  let responder = 1
  for (let first = 0; first < certificates; first += atOnce) {
    const last = Math.min(first + atOnce, certificates)
    // Signed before the transaction: what another writer of the register waits for is short.
    const answers = new Map<number, Uint8Array>()
    for (let index = first; index < last && !revoked; index++) {
      if (index % every !== 0 || serials.length + answers.size >= asked) continue
      const answer = await presigned({ serialNumber: serialOf(index, step).toHex(), notAfter })
      responder = answer.responder
      answers.set(index, packed(toSecondsOf(answer.thisUpdate), toSecondsOf(answer.nextUpdate), answer.signature))
    }
    const others = packed(at, at + answerLife / 1000, new Uint8Array(randomBytes(64)))
    database.exec('begin immediate')
    for (let index = first; index < last; index++) {
      const serial = serialOf(index, step)
      const der = new Uint8Array(certificateLength)
      der.set(serial)
      addCertificate.run(serial, Uint8Array.of(...serial, ...serial, 0, 0, 0, 0), at, der)
      const due = at + answerLife / 2000
      const rest: readonly (number | Uint8Array | null)[] = revoked
        ? [stateCodes.revoked, toSecondsOf(notAfter), at, reasonCodes.cessationOfOperation, null, null, null]
        : [stateCodes.valid, toSecondsOf(notAfter), null, null, answers.get(index) ?? others, responder, due]
      addStatus.run(serial, ...rest)
    }
    database.exec('commit')
    for (const index of answers.keys()) serials.push(serialOf(index, step).toHex())
    progress(last / certificates)
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return serials
}

/** Spread evenly over the serial numbers that the CA draws, and in order, so that the tables are written from front to back. */
function serialOf(index: number, step: bigint): Uint8Array {
  const octets = new Uint8Array(8)
  new DataView(octets.buffer).setBigUint64(0, serialSpace + BigInt(index) * step)
  return octets
}

function packed(thisUpdate: number, nextUpdate: number, signature: Uint8Array): Uint8Array {
  const octets = new Uint8Array(8 + signature.length)
  const view = new DataView(octets.buffer)
  view.setUint32(0, thisUpdate)
  view.setUint32(4, nextUpdate)
  octets.set(signature, 8)
  return octets
}
