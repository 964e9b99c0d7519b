/** A JPKI system for tests: CAs, a register in memory, a clock that can be set, and people with cards. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oneTimePair } from '@mobile-jpki/jpki'
import { openKeyring, openServiceCertificates } from '@mobile-jpki/keyring'
import { rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo } from '@mobile-jpki/service'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import type { Store } from '@mobile-jpki/store'
import { ring } from '@mobile-jpki/trace'
import { openAuthorities } from '../ca/authorities.ts'
import type { CaKeys } from '../ca/keys.ts'
import { certifyResponder } from '../ca/responders.ts'
import type { enrolPerson } from '../contract.ts'
import { collect as collectBy, prove as proveBy } from '../domain/delivery.ts'
import { enrol as enrolBy } from '../domain/enrolment.ts'
import { changeItems as changeItemsBy, report as reportBy } from '../domain/life-events.ts'
import { phoneCertificates as phoneCertificatesBy } from '../domain/phone-certificate.ts'
import { discard as discardBy, revoke as revokeBy } from '../domain/revocation.ts'
import type { Caller, CertificateRecord, ListScope, World } from '../domain/world.ts'
import { type Configuration, start } from '../main.ts'
import { certifyOnCardKey as certifyOnCardKeyBy } from '../phone-keys/on-card.ts'
import { type KeyPairs, keyPairPool } from '../phone-keys/pool.ts'
import { openRegister, registerIn, type Tables } from '../store/index.ts'
import { validityRegisterIn } from '../store/validity/index.ts'
import { announcing } from '../validity/announcing.ts'
import { type ValidityNode, validityNode } from '../validity/node.ts'
import { publisher } from '../validity/publisher.ts'
import { controllingAuthority, genuineApplet, makeSim, type Sim } from './sim.ts'

export type Enrolment = RequestOf<typeof enrolPerson>

/** What is done here is done by the actor that does it in the country. */
const doneBy =
  <W, Request, Outcome>(actor: ActorName, act: (world: W, request: Request, by: Caller) => Promise<Outcome>) =>
  (world: W, request: Request): Promise<Outcome> =>
    act(world, request, { actor })
/** With a sign key or, for a child, without. */
export const enrolAny = doneBy('municipality', enrolBy)
export const changeItems = doneBy('municipality', changeItemsBy)
export const report = doneBy('municipality', reportBy)
export const revoke = doneBy('municipality', revokeBy)
export const discard = doneBy('sp-tsm', discardBy)
export const prove = doneBy('sp-tsm', proveBy)
export const collect = doneBy('sp-tsm', collectBy)
export const certifyOnCardKey = doneBy('sp-tsm', certifyOnCardKeyBy)
export function phoneCertificates(world: World) {
  const { request, reserve } = phoneCertificatesBy(world)
  type Request = Parameters<typeof request>[0]
  const by = { actor: 'sp-tsm' } as const
  return { request: (order: Request) => request(order, by), reserve: (order: Request) => reserve(order, by) }
}

export const authority = controllingAuthority()
export const day = 86_400_000

/** Only the card would need the private half, and making RSA pairs is dear: any odd number of 2048 bits will do. */
export function newPublicKey(bits = 2048): Uint8Array {
  const modulus = new Uint8Array(randomBytes(bits / 8))
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[bits / 8 - 1] = (modulus.at(-1) ?? 0) | 0x01
  return rsaPublicKeyInfo({ modulus, publicExponent: Uint8Array.of(1, 0, 1) })
}

export const person = (changed: Partial<Enrolment> = {}): Enrolment => ({
  fourItems: {
    name: '公的　花子',
    address: '東京都清瀬市中里五丁目842番地',
    birthDate: '1990-02-17',
    gender: 'female',
  },
  municipality: { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' },
  cardExpires: '2034-02-17',
  signPublicKey: newPublicKey(),
  authPublicKey: newPublicKey(),
  ...changed,
})

export interface Surroundings extends World {
  /** Sets the clock. */
  at(instant: string | Date): void
  readonly traced: ReturnType<typeof ring>
  /** Serves what this CA issues, and signs the answers that it stores. */
  readonly validity: ValidityNode
  readonly store: Store<Tables>
  /** The same register and keyring after a restart, at the time that the clock shows. */
  restarted(): Promise<Surroundings>
  close(): Promise<void>
}

const firstDay = '2026-04-01T03:00:00Z'
export const ocspTerms = { lifeMinutes: 12 * 60, maxAgeSeconds: 0 } as const

export interface Changes extends Partial<Omit<World, 'register'>> {
  readonly store?: Store<Tables>
  readonly caKeys?: CaKeys
}

export async function surroundings({ store: given, caKeys, ...others }: Changes = {}): Promise<Surroundings> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-system-'))
  const keyring = await openKeyring(join(directory, 'keys'))
  const store = given ?? (await openRegister('sqlite::memory:'))
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const traced = ring()
  const keyPairs = keyPairPool({ parallel: 2, waiting: 50, deadlineMilliseconds: 30_000 })
  let clock = new Date(firstDay)
  const now = () => new Date(clock)
  const publicBaseUrl = () => 'http://127.0.0.1:4080'
  const withAuthorities = async () => {
    const validity = validityNode({
      now,
      random,
      register: validityRegisterIn(store),
      certify: (request) => certifyResponder({ now, random, ...opened }, request, { actor: 'jpki-system' }),
      publicBaseUrl,
      terms: ocspTerms,
      trace: traced,
      onFault: (error) => assert.ifError(error),
    })
    const bare = registerIn(store, undefined, validity.presign)
    // The CAs sign by P-256 here, which is made at once; with RSA they are met in main.test.ts and strangers.test.ts.
    const settings = { kind: 'p-256', made: 'at-first-start' } as const
    const authorities = await openAuthorities({ register: bare, now, random }, caKeys ?? keyring, settings)
    const lists = publisher({ register: bare, authorities, now, publicBaseUrl })
    const announce = async (scopes: readonly ListScope[]) => void (await Promise.all(scopes.map(lists.bring)))
    const opened = { authorities, publisher: lists, register: announcing(bare, announce), validity }
    await validity.issuers.read()
    for (const issuer of validity.issuers.all()) await validity.responders.of(issuer)
    return opened
  }
  const world: Surroundings = {
    now,
    random,
    publicBaseUrl,
    store,
    ...(await withAuthorities()),
    vault: {
      seal: (plain, context) => keyring.seal('phone-keys', plain, context),
      open: (sealed, context) => keyring.open('phone-keys', sealed, context),
    },
    keyPairs,
    keysWaitMilliseconds: 15 * day,
    holderKeys: ['rsa-2048'],
    oneTimePair,
    casdAuthorities: [authority.point],
    applets: [genuineApplet],
    voucherKeys: [],
    trace: traced,
    traced,
    ...others,
    at: (instant) => {
      clock = new Date(instant)
    },
    restarted: async () => ({ ...world, ...(await withAuthorities()) }),
    close: async () => {
      await keyPairs.close()
      if (given === undefined) await store.close()
      await rm(directory, { recursive: true })
    },
  }
  return world
}

export interface Enrolled {
  readonly sign: CertificateRecord
  readonly auth: CertificateRecord
}

export async function enrol(world: World, request: Enrolment): Promise<Enrolled> {
  const { sign, auth } = await enrolAny(world, request)
  if (sign === undefined) throw new Error('there is no sign certificate')
  return { sign, auth }
}

export const enrolled = (world: World, changed: Partial<Enrolment> = {}): Promise<Enrolled> =>
  enrol(world, person(changed))

export interface Ordered {
  readonly orderId: string
  readonly sim: Sim
  readonly certificate: CertificateRecord
}

/** ⑥ to ⑨ for a new SIM. */
export async function ordered(world: World, { sign }: Enrolled, sim = makeSim(authority)): Promise<Ordered> {
  const orderId = randomUUID()
  const request = { orderId, signCertificate: sign.serialNumber, iccid: sim.iccid }
  return { orderId, sim, certificate: await phoneCertificates(world).request(request) }
}

/** ⑯ to ⑱: the phone's certificate is good afterwards. */
export async function delivered(world: World, card: Enrolled, sim?: Sim): Promise<Ordered> {
  const order = await ordered(world, card, sim)
  await order.sim.receive(order.orderId, await collect(world, await order.sim.attest(order.orderId)))
  const certificate = await prove(world, { orderId: order.orderId, signature: order.sim.finish(order.orderId) })
  return { ...order, certificate }
}

/** Pairs without a private half, for tests in which no card needs one. */
export const halfKeyPairs: KeyPairs = {
  generate: async () => ({ publicKey: newPublicKey(), privateKey: new Uint8Array(1) }),
}

/** A valid certificate of a phone, without the delivery. */
export async function activated(world: World, card: Enrolled): Promise<Ordered> {
  const order = await ordered(world, card)
  await world.register.certificates.change(order.certificate, 'pending', 'valid')
  await world.register.orders.prove(order.orderId, world.now())
  return order
}

export const stateOf = async ({ register }: World, { authority: name, serialNumber }: CertificateRecord) => {
  const record = await register.certificates.find(name, serialNumber)
  return record === undefined ? undefined : [record.state, record.revocation?.reason].filter(Boolean).join(' ')
}

/** A JPKI system as it runs: real sockets, a data directory, and peers with certificates of the service CA. */
export async function started(changed: Partial<Configuration> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-system-running-'))
  const dataDirectory = join(directory, 'data')
  const service = await openServiceCertificates(join(directory, 'service'), () => new Date())
  const traced = ring()
  const configuration: Configuration = {
    dataDirectory,
    ports: { service: 0, publication: 0 },
    casdAuthorities: [authority.point.toBase64()],
    applets: [genuineApplet.toBase64()],
    ...changed,
  }
  const open = async () => start(configuration, { identity: await service.identityOf('jpki-system'), trace: traced })
  let running = await open()
  const peers: { close(): Promise<void> }[] = []
  return {
    directory,
    dataDirectory,
    traced,
    configuration,
    serviceCa: service.serviceCa,
    identityOf: service.identityOf,
    url: () => running.url,
    publicUrl: () => running.publicUrl,
    authorities: () => running.authorities,
    restart: async () => {
      await running.close()
      running = await open()
    },
    /** A peer without a name shows no certificate. */
    as: async (actor?: ActorName) => {
      const tls = actor === undefined ? { serviceCa: service.serviceCa } : await service.identityOf(actor)
      const peer = connectTo({ url: running.url, actor: 'jpki-system', ...(actor && { as: actor }), tls })
      peers.push(peer)
      return peer
    },
    stop: () => running.close(),
    close: async () => {
      await Promise.all(peers.map((peer) => peer.close()))
      await running.close()
      await rm(directory, { recursive: true })
    },
  }
}
