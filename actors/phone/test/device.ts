/** A phone on real sockets, with an app provider and an SP-TSM behind real TLS. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getApp, getAppFile } from '@mobile-jpki/app-provider/contract'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { conversations, type Stage } from '@mobile-jpki/seram'
import { type Listening, listen, type Peer, type Route, serve, serveRaw } from '@mobile-jpki/service'
import { ring } from '@mobile-jpki/trace'
import { start } from '../main.ts'
import { iccid, testCard } from './card.ts'

export const sessionId = '00000000-0000-4000-8000-000000000001'

/** Serves one app of one page, signed. */
function provider(page: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const content = new TextEncoder().encode(page)
  const sha256 = createHash('sha256').update(content).digest('base64')
  const files = [{ path: 'index.html', size: content.length, sha256 }]
  const manifest = new TextEncoder().encode(JSON.stringify({ name: 'jpki-ui', version: '1', files }))
  const signature = new Uint8Array(sign('sha256', manifest, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const routes = [serve(getApp, () => ({ manifest, signature })), serve(getAppFile, () => ({ content }))]
  return { routes, point: point.toString('base64') }
}

export interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A server that remembers what it was asked. */
export const echoing = (heard: Heard[]): readonly Route[] =>
  (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) =>
    serveRaw({
      method,
      path: '/echo/*',
      handler: ({ path, query, headers, body }) => {
        const search = query.size === 0 ? '' : `?${query}`
        heard.push({ method, path: `${path}${search}`, headers, body: new TextDecoder().decode(body) })
        return { headers: { 'content-type': 'text/html' }, body: '{"said":"yes"}' }
      },
    }),
  )

/** Whatever stands in `stage` at the moment is what SP-TSM does with the SIM. */
export async function openDevice() {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-phone-'))
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const listening = async (actor: 'sp-tsm' | 'app-provider', routes: readonly Route[], port = 0) =>
    listen({ actor, routes, port, tls: await certificates.identityOf(actor), log: 'silent' })

  const world: { stage: Stage } = { stage: async () => ({ outcome: 'done' }) }
  const heard: Heard[] = []
  const newAgents = () =>
    conversations({
      find: async (id) => (id === sessionId ? { seId: iccid, stage: (element) => world.stage(element) } : undefined),
    })
  let agents = newAgents()
  let spTsm = await listening('sp-tsm', [...agents.routes, ...echoing(heard)])
  const stopSpTsm = async () => {
    await agents.close()
    await spTsm.close()
  }
  const startSpTsm = async () => {
    agents = newAgents()
    spTsm = await listening('sp-tsm', [...agents.routes, ...echoing(heard)], Number(new URL(spTsm.url).port))
  }

  const app = provider('<!doctype html><title>the app</title>')
  const appProvider = await listening('app-provider', app.routes)
  const [sim, nfc] = [testCard(), testCard({ logical: 0 })]
  const trace = ring()
  const startPhone = (port = 0) =>
    start(
      {
        dataDirectory: join(directory, 'phone'),
        port,
        device: { model: 'Phone 1', os: 'Android 6', carrier: 'A', msisdn: '09000000001' },
        spTsm: spTsm.url,
        appProvider: appProvider.url,
        appProviderPoint: app.point,
        casdAuthorities: [app.point],
        applets: [new Uint8Array(32).toBase64()],
        serviceCa: certificates.serviceCa,
      },
      { sim, nfc, trace },
    )
  let phone: Listening = await startPhone()
  const { url } = phone
  const peer: Peer = { url, actor: 'phone', as: 'jpki-ui' }
  return {
    url,
    peer,
    sim,
    nfc,
    trace,
    heard,
    world,
    stopSpTsm,
    startSpTsm,
    switchOff: () => phone.close(),
    switchOn: async () => {
      phone = await startPhone(Number(new URL(url).port))
    },
    close: async () => {
      await phone.close()
      await stopSpTsm()
      await appProvider.close()
      await rm(directory, { recursive: true })
    },
  }
}
