/**
 * Starts the JPKI system: the only file of this house that reads configuration and opens sockets.
 *
 * It needs a directory of its own (CA keys, sealing key, and the database unless `databaseUrl` names another), the points of the
 * controlling authorities whose SIMs it trusts, and, as every actor, an identity from the service CA. The two CAs are made at the
 * first start. It listens twice: `url` with TLS for SP-TSM and the municipal counter, `publicUrl` in plain HTTP for OCSP, CRL and
 * CA certificates. Alone: `node actors/jpki-system/main.ts CONFIGURATION.json`, whose `tls` names three PEM files.
 */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { journal, startSealer } from '@mobile-jpki/journal'
import { oneTimePair } from '@mobile-jpki/jpki'
import { openKeyring, type ServiceIdentity, vaultIn } from '@mobile-jpki/keyring'
import { type Answers, type Attempt, listen, readiness, startAlone, tellFault } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { openAuthorities } from './ca/authorities.ts'
import { CaKeySettings, openCaKeys } from './ca/keys.ts'
import { certifyResponder } from './ca/responders.ts'
import type { World } from './domain/world.ts'
import { jpkiSystem } from './index.ts'
import { operatorRoutes } from './operator/routes.ts'
import { endOverdue } from './phone-keys/overdue.ts'
import { type KeyPairPool, keyPairPool } from './phone-keys/pool.ts'
import { refill } from './phone-keys/stock.ts'
import { refusedAct } from './refused.ts'
import { openRegister, registerIn } from './store/index.ts'
import { historyIn, searchIn } from './store/operator/search.ts'
import { vitalsIn } from './store/operator/vitals.ts'
import { validityRegisterIn } from './store/validity/index.ts'
import { openTerminalCa, type TerminalCa } from './terminals/authority.ts'
import { publishedTerminals, terminalRoutes } from './terminals/routes.ts'
import { repeatedly, type Upkeep } from './upkeep.ts'
import { announcing } from './validity/announcing.ts'
import { OcspTerms, validityNode } from './validity/node.ts'
import { publisher } from './validity/publisher.ts'
import { publishing } from './validity/publishing.ts'

const port = z.int().min(0).max(65535)
const quota = z.strictObject({ requests: z.int().min(1), seconds: z.int().min(1) })
const point = z
  .base64()
  .transform((text) => Uint8Array.fromBase64(text))
  .refine((octets) => octets.length === 65 && octets[0] === 0x04, { error: 'must be an uncompressed P-256 point' })

const appletHash = z
  .base64()
  .transform((text) => Uint8Array.fromBase64(text))
  .refine(({ length }) => length === 32, { error: 'must be a SHA-256' })

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  caKeys: CaKeySettings.prefault({ provider: 'files' }),
  host: z.string().default('127.0.0.1'),
  /** `publication: false` runs the CA alone: validity/main.ts serves elsewhere, and `publicBaseUrl` says where. */
  ports: z.strictObject({ service: port, publication: z.union([port, z.literal(false)]) }),
  ocsp: OcspTerms,
  /** What certificates say where to fetch CRL, OCSP and CA certificates; the public listener's own URL if not said, where there is one. */
  publicBaseUrl: z.url({ protocol: /^http$/ }).optional(),
  /** How often each caller may ask with mutual TLS, and each address may look into the public documents; OCSP and lists are not counted; null counts nobody. */
  limits: z
    .strictObject({ perCaller: quota.nullable(), perAddress: quota.nullable() })
    .prefault({ perCaller: { requests: 20_000, seconds: 10 }, perAddress: { requests: 600, seconds: 10 } }),
  /** P-256 points, base64. */
  casdAuthorities: z.array(point).min(1),
  /** SHA-256 of the load file data block of every applet that was ever given out, base64. */
  applets: z.array(appletHash).min(1),
  /** By which SP-TSM vouches for SIMs that have no CASD; nobody does if not said. */
  voucherKeys: z.array(point).default([]),
  keyPairs: z
    .strictObject({
      parallel: z.int().min(1),
      waiting: z.int().min(1),
      deadlineMilliseconds: z.int().min(1),
    })
    .prefault({ parallel: availableParallelism(), waiting: 500, deadlineMilliseconds: 20_000 }),
  /** Pairs made ahead in idle time: filled up to the target once there are fewer than `refillBelow`, which is the target if not said. */
  keyStock: z
    .strictObject({ target: z.int().min(0).max(100_000), refillBelow: z.int().min(1).optional() })
    .prefault({ target: 0 }),
  /** Kinds of keys of My Number cards that are certified; the card makes RSA-2048. */
  holderKeys: z
    .array(z.enum(['rsa-2048', 'rsa-3072', 'p-256']))
    .min(1)
    .default(['rsa-2048']),
  /** So long a phone's key waits for its applet; SP-TSM's access codes live 14 days. */
  keysWaitDays: z.int().min(1).default(15),
  /** Of terminals without PIN: how long a certificate holds, and a list of revoked ones counts. */
  terminals: z
    .strictObject({ certificateDays: z.int().min(1).max(31), listHours: z.int().min(1).max(168) })
    .prefault({ certificateDays: 7, listHours: 24 }),
})
export type Configuration = z.input<typeof Configuration>
type Settings = z.output<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
}

export interface Running {
  readonly url: string
  readonly publicUrl: string
  /** CA certificates in DER, all generations. */
  readonly authorities: Readonly<Record<'sign' | 'auth', readonly Uint8Array[]>>
  /** Whom cards are to trust that are used without PIN. */
  readonly terminalCa: Pick<TerminalCa, 'caIdentifier' | 'point'>
  close(): Promise<void>
}

const sealingKey = 'phone-keys'
/** So long a generation that another process made stays unseen. */
const secondsToRefresh = 10

export const start = async (given: Configuration, surroundings: Surroundings): Promise<Running> =>
  run(Configuration.parse(given), surroundings)

async function run(
  settings: Settings,
  { identity, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Running> {
  const { dataDirectory, host, ports } = settings
  const keyring = await openKeyring(join(dataDirectory, 'keys'))
  const store = await openRegister(settings.databaseUrl ?? `sqlite:${join(dataDirectory, 'jpki-system.db')}`)
  const keyPairs = keyPairPool(settings.keyPairs)
  const opened: { close(): Promise<void> }[] = [store, keyPairs]
  const close = async () => {
    for (let last = opened.pop(); last !== undefined; last = opened.pop()) await last.close()
  }
  try {
    const caKeys = await openCaKeys(settings.caKeys, keyring)
    opened.push(caKeys)
    const acts = journal({ now })
    const sealer = await startSealer({
      store,
      journal: acts,
      name: 'jpki-system',
      signer: await keyring.signer('journal', 'p-256'),
      directory: join(dataDirectory, 'journal'),
      now,
      fault: onFault,
    })
    opened.push(sealer)
    const random = (length: number) => new Uint8Array(randomBytes(length))
    let serviceUrl = ''
    let publicUrl = ''
    let publicBaseUrl = settings.publicBaseUrl?.replace(/\/$/, '') ?? ''
    // Asked for its first certificate when the CAs are open; a status that changes gets its answer from the same responder.
    const validity = validityNode({
      now,
      random,
      register: validityRegisterIn(store),
      certify: (request) => certifyResponder(world, request, { actor: 'jpki-system' }),
      publicBaseUrl: () => publicBaseUrl,
      terms: settings.ocsp,
      trace,
      onFault,
    })
    const bare = registerIn(store, acts, validity.presign)
    const authorities = await openAuthorities({ register: bare, now, random }, caKeys, settings.caKeys)
    const lists = publisher({ register: bare, authorities, now, publicBaseUrl: () => publicBaseUrl })
    const announcer = publishing(lists, onFault)
    const register = announcing(bare, announcer.announce)
    const world: World = {
      now,
      random,
      register,
      authorities,
      publisher: lists,
      vault: vaultIn(keyring, sealingKey),
      keyPairs,
      keysWaitMilliseconds: settings.keysWaitDays * 86_400_000,
      holderKeys: settings.holderKeys,
      oneTimePair,
      casdAuthorities: settings.casdAuthorities,
      applets: settings.applets,
      voucherKeys: settings.voucherKeys,
      publicBaseUrl: () => publicBaseUrl,
      trace,
    }
    const own = { actor: 'jpki-system', host, trace } as const
    const sight = { search: searchIn(store.db), history: historyIn(store.db), vitals: vitalsIn(store.db) }
    const ca = await openTerminalCa(keyring)
    const terminals = { now, random, register, ca, terms: settings.terminals }
    const routes = [...jpkiSystem(world), ...operatorRoutes({ ...world, ...sight }), ...terminalRoutes(terminals)]
    const { perCaller, perAddress } = settings.limits
    await validity.issuers.read()
    for (const issuer of validity.issuers.all()) await validity.responders.of(issuer)
    opened.push(validity.tend())
    if (ports.publication !== false) {
      const published = await listen({
        ...own,
        routes: [...validity.routes, ...publishedTerminals(terminals), readiness(() => register.generations.all())],
        port: ports.publication,
        limits: { perAddress: perAddress ?? undefined },
        alsoDocumented: [
          { name: 'mutual TLS', actor: own.actor, routes, limited: perCaller !== null, url: () => serviceUrl },
        ],
      })
      opened.push(published, validity.refresh())
      publicUrl = published.url
      publicBaseUrl ||= published.url
    }
    const openLists = () => Promise.all(authorities.all.map((authority) => lists.open(authority)))
    await openLists()
    announcer.begin()
    opened.push({ close: announcer.end })
    const tls = { ...identity, requireClient: true }
    const refused = (attempt: Attempt) => acts.refused(refusedAct(attempt))
    const answers: Answers = { find: (caller, key) => register.answers.find(caller, key, now()) }
    const limits = { perCaller: perCaller ?? undefined }
    const service = await listen({ ...own, routes, port: ports.service, tls, limits, answers, refused })
    opened.push(service)
    serviceUrl = service.url
    opened.push(
      ...upkeepOf(world, keyPairs, settings),
      repeatedly(secondsToRefresh * 1000, () => authorities.refresh().then(openLists), onFault),
    )
    const certificatesOf = (name: 'sign' | 'auth') =>
      world.authorities.all.flatMap((one) => (one.name === name ? [one.certificate] : []))
    return {
      url: service.url,
      publicUrl: publicUrl || publicBaseUrl,
      authorities: { sign: certificatesOf('sign'), auth: certificatesOf('auth') },
      terminalCa: { caIdentifier: ca.caIdentifier, point: ca.point },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Which stored answers are too old, which orders' time is over, whether the stock is low. */
function upkeepOf(world: World, keyPairs: KeyPairPool, { keyStock, keyPairs: { parallel } }: Settings): Upkeep[] {
  const { target, refillBelow = target } = keyStock
  const forget = async () => {
    while ((await world.register.answers.forget(world.now(), forgottenAtOnce)) === forgottenAtOnce);
  }
  const fill = (signal: AbortSignal) => refill(world, keyPairs, { target, refillBelow, together: parallel }, signal)
  return [
    repeatedly(10 * 60_000, forget, onFault),
    repeatedly(60_000, () => endOverdue(world), onFault),
    ...(target > 0 ? [repeatedly(1_000, fill, onFault)] : []),
  ]
}

const forgottenAtOnce = 1000

const onFault = tellFault('jpki-system')

if (import.meta.main)
  await startAlone(
    'jpki-system.json',
    (settings, identity) => run(Configuration.parse(settings), { identity }),
    ({ url, publicUrl }) => `JPKI system ${url}, published at ${publicUrl}`,
  )
