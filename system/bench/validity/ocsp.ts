/** Stored OCSP answers per second of one validity node, beside bare node:http and `openssl ocsp`; start-up over the same register. */
import { randomBytes, X509Certificate } from 'node:crypto'
import { type ParsedCertificate, parseCertificate } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { Filled } from '../ca/fill.ts'
import type { Place } from '../ca/place.ts'
import { type Spread, spreadOf } from '../figures.ts'
import { freePort } from '../ports.ts'
import { cpuOf, memoryOf, type Other, other } from '../processes.ts'
import type { LoadFigures, LoadPlan } from './load.ts'
import { type OpensslKey, opensslKeys, opensslResponder } from './openssl.ts'

export interface OcspFigures {
  readonly certificates: number
  readonly perSecond: Spread
  readonly bare: Spread
  /** Answers to bare answers. */
  readonly ratio: Spread
  /** CPU time of the server, for a bare answer to that for an answer: depends less on who else uses the machine. */
  readonly cpuRatio: Spread
  readonly microsecondsEach: Spread
  /** By its key; nothing where openssl is not installed. */
  readonly openssl: readonly { readonly key: OpensslKey; readonly perSecond: Spread; readonly ratio: Spread }[]
  /** From the start of the process to its first answer. */
  readonly startMilliseconds: number
  readonly memory: { readonly started: number; readonly loaded: number }
}

export interface OcspSettings {
  readonly certificates: number
  readonly seconds: number
}

const rounds = 5
const connections = 32

export async function measureOcsp(
  place: Place,
  { issuer, asked }: Filled,
  { certificates, seconds }: OcspSettings,
): Promise<OcspFigures> {
  const began = performance.now()
  const node = await nodeOf(place)
  const paths = asked.map((serial) => `/ocsp/${ocspRequest(issuer.opened, serial).toBase64()}`)
  const [first = ''] = paths
  const length = await checked(place.port, first, issuer.opened, asked[0] ?? '')
  const startMilliseconds = performance.now() - began
  const started = memoryOf(node.process).now
  const limit = { port: await freePort(), length }
  const bare = other('validity/bare-process.ts', limit)
  const strangers = await strangersIn(place.directory)
  try {
    await bare.said()
    const ours: Measured[] = []
    const limits: Measured[] = []
    const plan = { connections, seconds: seconds / rounds, closing: false }
    for (let round = 0; round < rounds; round++) {
      limits.push(await measured(bare, { ...plan, port: limit.port, paths: [first] }))
      ours.push(await measured(node, { ...plan, port: place.port, paths: shuffled(paths) }))
      for (const { responder, paths, measured: all } of strangers)
        all.push(await measured(responder, { ...plan, port: responder.port, paths, closing: true, connections: 1 }))
    }
    const ratesOf = (all: readonly Measured[]) => all.map(({ perSecond }) => perSecond)
    const against = (others: readonly Measured[]) =>
      spreadOf(ours.map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN)))
    return {
      certificates,
      perSecond: spreadOf(ratesOf(ours)),
      bare: spreadOf(ratesOf(limits)),
      ratio: against(limits),
      cpuRatio: spreadOf(ours.map(({ cpu }, round) => (limits[round]?.cpu ?? 0) / cpu)),
      microsecondsEach: spreadOf(ours.map(({ cpu }) => cpu * 1000)),
      openssl: strangers.map(({ key, measured: all }) => ({
        key,
        perSecond: spreadOf(ratesOf(all)),
        ratio: against(all),
      })),
      startMilliseconds,
      memory: { started, loaded: memoryOf(node.process).peak },
    }
  } finally {
    await Promise.all([node, bare, ...strangers.map(({ responder }) => responder)].map((one) => one.stop()))
  }
}

async function strangersIn(directory: string) {
  const strangers = []
  for (const key of opensslKeys) {
    const responder = await opensslResponder(`${directory}/openssl-${randomBytes(4).toString('hex')}`, key)
    if (responder === undefined) continue
    const issuer = parseCertificate(new Uint8Array(new X509Certificate(responder.issuer).raw))
    const paths = responder.serials.map((serial) => `/${encodeURIComponent(ocspRequest(issuer, serial).toBase64())}`)
    const all: Measured[] = []
    strangers.push({ key, responder, paths, measured: all })
  }
  return strangers
}

export async function nodeOf({ databaseUrl, url, port, identityOf }: Place): Promise<Other> {
  const node = other('validity/node-process.ts', {
    configuration: { databaseUrl, authorityUrl: url, port, publicBaseUrl: `http://127.0.0.1:${port}` },
    identity: await identityOf('validity-node'),
  })
  await node.said()
  return node
}

/** What is measured must be right: the answer of a node is verified once, before anything is counted. Answers its length. */
async function checked(port: number, path: string, issuer: ParsedCertificate, serialNumber: string): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`)
  const der = new Uint8Array(await reply.arrayBuffer())
  const { status } = await verifyOcspResponse(der, { issuer, serialNumber, at: new Date() })
  if (status !== 'good') throw new Error(`the node says ${status} of a good certificate`)
  return der.length
}

interface Measured {
  readonly perSecond: number
  /** Milliseconds of the server's for an answer. */
  readonly cpu: number
}

async function measured(server: Pick<Other, 'process'>, plan: LoadPlan): Promise<Measured> {
  const before = cpuOf(server.process)
  const asking = other('validity/load-process.ts', plan)
  const { answers, perSecond, failures } = await asking.said<LoadFigures>()
  await asking.stop()
  if (failures > 0 || answers === 0) throw new Error(`${failures} of ${answers + failures} requests failed`)
  return { perSecond, cpu: (cpuOf(server.process) - before) / answers }
}

const shuffled = <T>(values: readonly T[]): readonly T[] =>
  values
    .map((value) => [Math.random(), value] as const)
    .sort(([one], [another]) => one - another)
    .map(([, value]) => value)
