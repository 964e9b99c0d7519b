/** A small town for these tests: one contract, one server, and the certificates of real actors. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { type Ring, ring } from '@mobile-jpki/trace'
import { z } from 'zod'
import { endpoint, type Listening, listen, octets, type Route, secret, serve, serveRaw } from '../index.ts'

export const plantedPin = '7391'
export const plantedSecret = 'mother-of-pearl'

export const openAccount = endpoint({
  name: 'OpenAccount',
  method: 'POST',
  path: '/accounts/:name',
  step: '⑭',
  replyStep: '⑰',
  callers: ['sp-tsm'],
  request: z.object({
    name: z.string(),
    orderId: z.string(),
    pin: secret(z.string()).regex(/^\d{4}$/),
    key: octets({ max: 32 }),
    address: z.object({ town: z.string() }).optional(),
  }),
  reply: z.object({ owner: z.string(), key: octets(), word: secret(z.string()) }),
  status: 201,
})

export const fail = endpoint({
  name: 'Fail',
  method: 'GET',
  path: '/fail/:how',
  callers: 'public',
  request: z.object({ how: z.enum(['refusal', 'fault', 'wrong-reply']), times: z.coerce.number().optional() }),
  reply: z.object({ answer: z.number() }),
})

const routes: readonly Route[] = [
  serve(openAccount, ({ name, key }, { caller, carriers }) => ({
    owner: [`${name} of ${caller}`, ...carriers].join(' for '),
    key,
    word: plantedSecret,
  })),
  serve(fail, ({ how }) => {
    if (how === 'refusal') throw new Refusal('sim.not-eligible', 'The SIM has no CASD.', { whose: 'mno-tsm' })
    if (how === 'fault') throw new Error(`select * from account where pin = ${plantedPin}`)
    return { answer: 'not a number' as unknown as number }
  }),
  serveRaw({
    name: 'Echo',
    method: 'POST',
    path: '/echo/*',
    accepts: ['application/ocsp-request'],
    handler: ({ body, fields }) => ({
      headers: { 'content-type': 'application/ocsp-response', 'x-rest': fields['*'] ?? '' },
      body,
    }),
  }),
  serveRaw({
    method: 'GET',
    path: '/events',
    handler: (_request, { signal }) => ({ headers: { 'content-type': 'text/event-stream' }, body: ticks(signal) }),
  }),
]

async function* ticks(signal: AbortSignal): AsyncGenerator<string> {
  for (let at = 0; !signal.aborted; at++) {
    yield `data: ${at}\n\n`
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function openTown() {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-town-'))
  const certificates = await openServiceCertificates(directory, () => new Date())
  const trace: Ring = ring()
  const open: Listening[] = []
  const serveAs = async (
    requireClient: boolean,
    log: 'error' | 'silent' = 'silent',
    carriers: readonly string[] = [],
  ) => {
    const tls = { ...(await certificates.identityOf('mno-tsm', carriers)), requireClient }
    const server = await listen({ actor: 'mno-tsm', routes, port: 0, tls, trace, log })
    open.push(server)
    return server
  }
  return {
    certificates,
    trace,
    serveAs,
    close: async () => {
      await Promise.all(open.map((server) => server.close()))
      await rm(directory, { recursive: true })
    },
  }
}
