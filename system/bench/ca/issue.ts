/** Certificates per second of one core, with the public keys at hand, beside raw RSA-2048 signatures; and what the journal costs. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import { journal, noJournal, startSealer } from '@mobile-jpki/journal'
import { endOfDay } from '@mobile-jpki/jpki'
import {
  type CertificateRecord,
  issue,
  openAuthorities,
  openCaKeys,
  openRegister,
  publisher,
  type Register,
  registerIn,
} from '@mobile-jpki/jpki-system/measured'
import { openKeyring } from '@mobile-jpki/keyring'
import { rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { cpuTime, type Spread, spreadOf } from '../figures.ts'

export interface IssueFigures {
  /** Signatures over as many octets as a certificate has to be signed. */
  readonly signaturesPerSecond: Spread
  readonly cases: readonly {
    readonly name: (typeof caseNames)[number]
    readonly perSecond: Spread
    /** Of CPU time, all threads: a raw signature's to a certificate's. */
    readonly ratio: Spread
  }[]
  /** CPU time without the journal to that with it, sealing included. */
  readonly journalRatio: Spread
}

const caseNames = ['certified', 'certified one by one', 'registered', 'registered, no journal'] as const

const rounds = 7
/** Issued at once, and registered in one transaction, as a mass re-issue does. */
const batch = 100

export async function measureIssue(directory: string, certificates: number): Promise<IssueFigures> {
  const keyring = await openKeyring(join(directory, 'keys'))
  const caKeys = await openCaKeys({ provider: 'files', kind: 'rsa-2048', made: 'at-first-start' }, keyring)
  const stores = await Promise.all(
    ['with', 'without'].map((name) => openRegister(`sqlite:${join(directory, `${name}-journal.db`)}`)),
  )
  const [store, storeWithout] = stores
  if (store === undefined || storeWithout === undefined) throw new Error('two stores were opened')
  const acts = journal()
  const sealer = await startSealer({
    store,
    journal: acts,
    name: 'jpki-system',
    signer: await keyring.signer('journal', 'p-256'),
    directory: join(directory, 'journal'),
    now: () => new Date(),
    fault: (error) => {
      throw error
    },
  })
  try {
    const [register, bare] = [registerIn(store, acts), registerIn(storeWithout, noJournal)]
    const { ready, certify } = await certifier(register, caKeys)
    await bare.persons.save(person)
    const [signatures, spent]: [number[], Record<string, { rate: number[]; cost: number[] }>] = [[], {}]
    const raw: number[] = []
    const timedIssue = (work: () => Promise<unknown>) => {
      ready(certificates)
      return timed(certificates, work)
    }
    for (let round = 0; round <= rounds; round++) {
      const one = await timed(certificates, rawSignatures(certificates))
      const certified = await timedIssue(() => inBatches(certificates, certify, async () => {}))
      const single = await timedIssue(() => each(certificates, certify))
      const registered = await timedIssue(async () => {
        await inBatches(certificates, certify, into(register))
        await sealer.seal()
      })
      const unrecorded = await timedIssue(() => inBatches(certificates, certify, into(bare)))
      // The first round warms up.
      if (round === 0) continue
      signatures.push(one.perSecond)
      raw.push(one.cpu)
      const all = { certified, 'certified one by one': single, registered, 'registered, no journal': unrecorded }
      for (const [name, figures] of Object.entries(all)) {
        const known = spent[name] ?? { rate: [], cost: [] }
        spent[name] = known
        known.rate.push(figures.perSecond)
        known.cost.push(figures.cpu)
      }
    }
    const costOf = (name: string) => spent[name]?.cost ?? []
    return {
      signaturesPerSecond: spreadOf(signatures),
      cases: caseNames.map((name) => ({
        name,
        perSecond: spreadOf(spent[name]?.rate ?? []),
        ratio: spreadOf(costOf(name).map((cost, round) => (raw[round] ?? 0) / cost)),
      })),
      journalRatio: spreadOf(
        costOf('registered, no journal').map((cost, round) => cost / (costOf('registered')[round] ?? 1)),
      ),
    }
  } finally {
    await sealer.close()
    await Promise.all(stores.map((one) => one.close()))
  }
}

const person = {
  id: '00'.repeat(16),
  birthDate: '1990-04-01',
  municipality: { code: '13101', prefecture: 'Tokyo-to', city: 'Chiyoda-ku' },
  cardExpires: '2099-04-01',
}

const now = () => new Date()
const random = (length: number) => new Uint8Array(randomBytes(length))

async function certifier(register: Register, caKeys: Parameters<typeof openAuthorities>[1]) {
  const terms = { kind: 'rsa-2048', made: 'at-first-start' } as const
  const authorities = await openAuthorities({ register, now, random }, caKeys, terms)
  await register.persons.save(person)
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000)
  const notAfter = endOfDay(`${notBefore.getUTCFullYear() + 4}-04-01`)
  const publicBaseUrl = () => 'http://127.0.0.1:8080'
  const lists = publisher({ register, authorities, now, publicBaseUrl })
  const world = { authorities, publisher: lists, random, publicBaseUrl }
  let keys: Uint8Array[] = []
  return {
    /** So many public keys, made before the clock starts. */
    ready: (count: number) => {
      keys = Array.from({ length: count }, somePublicKey)
    },
    certify: (): Promise<CertificateRecord> =>
      issue(world, {
        kind: 'auth',
        state: 'valid',
        person,
        publicKey: keys.pop() ?? somePublicKey(),
        notBefore,
        notAfter,
      }),
  }
}

/** Nobody looks for its factors: any odd number of 2048 bits will do. */
function somePublicKey(): Uint8Array {
  const modulus = random(256)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[255] = (modulus[255] ?? 0) | 0x01
  return rsaPublicKeyInfo({ modulus, publicExponent: Uint8Array.of(1, 0, 1) })
}

async function timed(count: number, work: () => Promise<unknown>) {
  const [before, start] = [cpuTime(), performance.now()]
  await work()
  const [seconds, { thread, others }] = [(performance.now() - start) / 1000, cpuTime(before)]
  return { perSecond: count / seconds, cpu: (thread + others) / count }
}

function rawSignatures(count: number) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const octets = random(1_000)
  return async () => {
    for (let at = 0; at < count; at++) sign('sha256', octets, privateKey)
  }
}

async function each(count: number, certify: () => Promise<CertificateRecord>): Promise<void> {
  for (let at = 0; at < count; at++) await certify()
}

async function inBatches(
  count: number,
  certify: () => Promise<CertificateRecord>,
  keep: (records: readonly CertificateRecord[]) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < count; done += batch)
    await keep(await Promise.all(Array.from({ length: Math.min(batch, count - done) }, certify)))
}

const into = (register: Register) => (records: readonly CertificateRecord[]) =>
  register.atomically(async (held) => {
    for (const record of records) {
      await held.certificates.add(record)
      held.journal.record({
        by: { actor: 'municipality' },
        act: 'certificate.issued',
        subject: `${record.authority}/${record.serialNumber}`,
      })
    }
  })
