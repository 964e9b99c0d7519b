/** SP-TSM's world for tests: a real store, keyring and CA with its responder; peers that do what the test says; a clock that can be set. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLoadFile } from '@mobile-jpki/content-management'
import { encodeProgram } from '@mobile-jpki/javacard'
import { appletModule, appletPackage, certificatePolicyIds } from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import { signData } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { openStore, type Store } from '@mobile-jpki/store'
import { ring } from '@mobile-jpki/trace'
import { askOcspByHttp, verifyCertificate } from '@mobile-jpki/verification'
import { type Holder, openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { oneTimeKey } from '../card/one-time-key.ts'
import type { ApplicationForm } from '../contract.ts'
import { apply } from '../domain/application.ts'
import { issue } from '../domain/issuance.ts'
import type { Order } from '../domain/order.ts'
import type { Outgoing } from '../domain/orders.ts'
import type { Carrier, Deployment, DomainTerms, Mailing, SimEligibility, World } from '../domain/world.ts'
import { post } from '../mail/post.ts'
import { voucherKeyIn } from '../main.ts'
import { quotas } from '../rates.ts'
import { challengesIn } from '../store/binding.ts'
import { sealsBy } from '../store/seals/seals.ts'
import { storedIn } from '../store/stored.ts'
import { migrations, type Tables } from '../store/tables.ts'

export const password = 'correct horse battery'
export const iccid = '8981100022152967705'
export const day = 86_400_000

export const form = (at: Date, changes: Partial<Record<keyof ApplicationForm, unknown>> = {}) => ({
  type: 'mobile-jpki/application',
  version: 1,
  id: randomUUID(),
  madeAt: at.toISOString(),
  carrier: 'A',
  msisdn: '09012345678',
  iccid,
  device: { model: 'Phone 1', os: 'Android 6' },
  mail: 'hanako@mail.example',
  keyGeneration: 'central',
  consent: { terms: true, termsVersion: '2016-03' },
  ...changes,
})

/** Of carrier A's SIMs; nobody has certified SP-TSM as an owner of security domains. */
export const terms: DomainTerms = {
  management: 'simple',
  scp: 3,
  i: 0x70,
  keyBits: 128,
  minimumLevel: 0x01,
  largestData: 255,
  confidentialSetUp: true,
}

export const loadFileDataBlock = encodeProgram({
  packageAid: appletPackage,
  version: { major: 1, minor: 0 },
  moduleAids: [appletModule],
  script: '(card) => ({ process: () => ({ sw: 0x9000 }) })',
})

/** What the peers do from now on: a Refusal is thrown, by the name of the call. */
export interface Peers {
  readonly failing: Map<string, Error>
  readonly calls: string[]
  /** As they were given to the mail server. */
  readonly mails: Mailing[]
  sim: SimEligibility
  line: { eligible: boolean; reasons: string[] }
  deployment: Deployment
  terms: DomainTerms
}

export interface Surroundings extends World {
  readonly peers: Peers
  readonly traced: ReturnType<typeof ring>
  readonly authority: TestAuthority
  readonly card: Holder
  readonly store: Store<Tables>
  at(instant: Date): void
  /** ②: the form signed by the card's sign key, or by another one. */
  sign(content: unknown, by?: Holder): Promise<Uint8Array>
  /** Sends what is in the outbox. */
  post(): Promise<void>
  /** An order whose access code is in the mail, and that code. */
  mailed(changes?: Partial<Record<keyof ApplicationForm, unknown>>): Promise<{ order: Order; code: string }>
  current(order: Pick<Order, 'id'>): Promise<Order>
  /** Every file that is kept, after what was written reached it. */
  readonly directory: string
  close(): Promise<void>
}

export async function surroundings(changes: Partial<World> = {}): Promise<Surroundings> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-sp-tsm-'))
  const keyring = await openKeyring(join(directory, 'keys'))
  const store = await openStore<Tables>({ url: `sqlite:${join(directory, 'sp-tsm.db')}`, name: 'sp-tsm', migrations })
  let clock = new Date()
  const now = () => new Date(clock)
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const authority = await openTestAuthority('sign', now)
  const card = await authority.issue('sign')
  const traced = ring()
  const peers: Peers = {
    failing: new Map(),
    calls: [],
    mails: [],
    sim: { eligible: true, reasons: [], hindrances: [] },
    line: { eligible: true, reasons: [] },
    deployment: { state: 'requested' },
    terms,
  }
  const called = async <T>(name: string, answer: () => T): Promise<T> => {
    peers.calls.push(name)
    const failure = peers.failing.get(name)
    if (failure !== undefined) throw failure
    return answer()
  }
  const nothing = (): never => {
    throw new Error('nothing is in use here')
  }
  const carrier: Carrier = {
    eligibilityOfSim: () => called('sim', () => peers.sim),
    eligibilityOfLine: () => called('line', () => peers.line),
    deploy: () =>
      called('deploy', () => ({ agent: { url: 'https://mno.example/', sessionId: randomUUID() }, terms: peers.terms })),
    tokens: (_, commands) =>
      called('tokens', () => commands.map(() => ({ control: new Uint8Array(), token: new Uint8Array(64) }))),
    verifyReceipts: () => called('verifyReceipts', () => ({})),
    deployment: () => called('deployment', () => peers.deployment),
    actionDone: (_, action) => called(action === 'personalize' ? 'personalized' : 'actionDone', () => undefined),
    terminate: () => called('terminate', () => undefined),
    openKeySet: (sealed: Uint8Array) => called('openKeySet', () => sealed),
  }
  const world: World = {
    ...storedIn(
      store,
      now,
      sealsBy((octets) => keyring.mac('rows', octets)),
    ),
    challenges: challengesIn(store),
    origin: () => 'https://sp-tsm.example',
    voucherKey: await voucherKeyIn(keyring),
    quotas,
    secrets: {
      seal: (plain, context) => keyring.seal('orders', plain, context),
      open: (sealed, context) => keyring.open('orders', sealed, context),
      mac: (octets) => keyring.mac('codes', octets),
    },
    now,
    random,
    newId: randomUUID,
    trace: traced,
    carriers: new Map([['A', carrier]]),
    jpki: {
      requestPhoneCertificate: ({ keyGeneration }) =>
        called('certify', () => (keyGeneration === 'central' ? { serialNumber: '4f' } : {})),
      certifyPhoneKey: () => called('certify on card', () => ({ serialNumber: '4e' })),
      collectPhoneCertificate: () => called('collect', () => ({ issuerEnvelope: new Uint8Array(300).fill(0xee) })),
      provePossession: ({ orderId }) =>
        called('prove', () => ({ serialNumber: orderId.replaceAll('-', ''), notAfter: '2031-04-01T14:59:59.000Z' })),
      discardPhoneCertificate: () => called('discard', () => ({})),
    },
    register: {
      stop: () => called('stop', nothing),
      resume: () => called('resume', nothing),
      end: () => called('end', nothing),
      ofSigner: () => called('ofSigner', () => []),
      changes: async () => [],
      confirm: async () => undefined,
    },
    mail: { send: (mailing) => called('mail', () => void peers.mails.push(mailing)) },
    casdAuthorities: [],
    applets: [readLoadFile(loadFileDataBlock).hash],
    loadFile: readLoadFile(loadFileDataBlock),
    oneTimeKey: () => oneTimeKey(random),
    verifySignCertificate: (certificate, order) =>
      verifyCertificate(
        { anchors: [authority.certificate], now, random, askOcsp: askOcspByHttp, trace: traced, actor: 'sp-tsm' },
        { certificate, policies: [certificatePolicyIds.sign], keyUsage: ['nonRepudiation'], step: '③', order },
      ),
    ...changes,
  }
  const sign = (content: unknown, by = card) =>
    signData(
      {
        content: content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content)),
        certificate: by.der,
        signingTime: new Date(Math.floor(clock.getTime() / 1000) * 1000),
      },
      by.signer,
    )
  const current = async ({ id }: Pick<Order, 'id'>) => {
    const order = await world.orders.find(id)
    if (order === undefined) throw new Error('no such order')
    return order
  }
  const postAll = async () => {
    const at = clock.getTime()
    const time = { owner: 'test', now: new Date(at), until: new Date(at + 60_000) }
    for (const letter of await world.outbox.takeDue(time, 100))
      await post(world, letter as Outgoing, (count) => new Date(at + count * 1000))
  }
  return {
    ...world,
    post: postAll,
    peers,
    traced,
    authority,
    card,
    store,
    directory,
    sign,
    current,
    at: (instant) => {
      clock = instant
    },
    mailed: async (fields) => {
      const order = await apply(world, await sign(form(clock, fields)), password)
      await issue(world, order)
      await postAll()
      return { order: await current(order), code: codeIn(peers.mails) }
    },
    close: async () => {
      await Promise.all([authority.close(), store.close()])
      await rm(directory, { recursive: true })
    },
  }
}

export const refusedWith = (code: string, detail?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (detail === undefined || detail.test(error.message))

export const away = new Refusal('peer.unreachable', 'nobody there')

/** Of the latest mail that has one. */
export const codeIn = (mails: readonly Mailing[]): string =>
  mails.findLast(({ kind }) => kind === 'accessCode')?.code ?? ''
