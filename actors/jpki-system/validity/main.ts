/**
 * Starts a validity node alone: `node actors/jpki-system/validity/main.ts CONFIGURATION.json`. It needs the database of the CA (with a
 * role of its own, see README) and, for the certificates of its responders, the CA's service by mutual TLS as `validity-node`.
 */
import { randomBytes } from 'node:crypto'
import type { ServiceIdentity } from '@mobile-jpki/keyring'
import { call, connectTo, listen, readiness, startAlone, tellFault } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { certifyResponder } from '../contract.ts'
import { openValidityStore, validityRegisterIn } from '../store/validity/index.ts'
import { OcspTerms, validityNode } from './node.ts'

export const Configuration = z.strictObject({
  /** `postgres://…` or `sqlite:FILE`: that of the CA. */
  databaseUrl: z.string(),
  /** Where the CA's service listens. */
  authorityUrl: z.url({ protocol: /^https$/ }),
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535),
  /** What certificates say where to ask. */
  publicBaseUrl: z.url({ protocol: /^http$/ }),
  ocsp: OcspTerms,
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
}

export interface Running {
  readonly url: string
  close(): Promise<void>
}

export async function start(given: Configuration, surroundings: Surroundings): Promise<Running> {
  const { databaseUrl, authorityUrl, host, port, publicBaseUrl, ocsp } = Configuration.parse(given)
  const { identity, trace = noTrace, now = () => new Date() } = surroundings
  const store = await openValidityStore(databaseUrl)
  const authority = connectTo({ url: authorityUrl, actor: 'jpki-system', as: 'validity-node', tls: identity, trace })
  const opened: { close(): Promise<void> }[] = [store, authority]
  const close = async () => {
    for (let last = opened.pop(); last !== undefined; last = opened.pop()) await last.close()
  }
  try {
    const register = validityRegisterIn(store)
    const node = validityNode({
      now,
      random: (length) => new Uint8Array(randomBytes(length)),
      register,
      certify: (request) => call(authority, certifyResponder, request),
      publicBaseUrl: () => publicBaseUrl.replace(/\/$/, ''),
      terms: ocsp,
      trace,
      onFault,
    })
    // Without the database there is nothing to serve yet; the node's work goes on trying.
    await node.issuers.read().catch(onFault)
    const server = await listen({
      actor: 'validity-node',
      host,
      port,
      trace,
      routes: [...node.routes, readiness(() => register.generations.all())],
    })
    opened.push(server, node.tend(), node.refresh())
    return { url: server.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

const onFault = tellFault('validity-node')

if (import.meta.main)
  await startAlone(
    'validity-node.json',
    (settings, identity) => start(Configuration.parse(settings), { identity }),
    ({ url }) => `validity node ${url}`,
  )
