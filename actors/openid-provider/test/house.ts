/** The provider on a socket, in tests: everything of it but the app and the JPKI system, which answer as the test says. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openKeyring, vaultIn } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { jpki } from '@mobile-jpki/relying-party'
import { listen } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace } from '@mobile-jpki/trace'
import { openTestAuthority } from '@mobile-jpki/verification/test-authority'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import * as client from 'openid-client'
import { Client } from '../contract.ts'
import type { World } from '../domain/world.ts'
import { openIdProvider, providerOf } from '../index.ts'
import { artifactsIn } from '../store/artifacts.ts'
import { loginsIn } from '../store/logins.ts'
import { subjectsIn } from '../store/subjects.ts'
import { migrations, type Tables } from '../store/tables.ts'
import { Browser } from './browser.ts'

export const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** What a service answers to the provider: its key, and that it has heard of a logout. */
async function publisher() {
  const keys: JWK[] = []
  const waiting: ((token: string) => void)[] = []
  const server = createHttpServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify({ keys }))
      return
    }
    void text(request).then((body) => {
      waiting.shift()?.(new URLSearchParams(body).get('logout_token') ?? '')
      response.writeHead(200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    keys,
    origin: `http://127.0.0.1:${port}`,
    /** The token of the next logout that is told. */
    nextLogout: () => new Promise<string>((resolve) => waiting.push(resolve)),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export interface Service {
  readonly config: client.Configuration
  readonly callback: string
  readonly browser: Browser
}

export type House = Awaited<ReturnType<typeof openHouse>>

export async function openHouse({ cardOrigin }: { readonly cardOrigin?: string } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-openid-'))
  const clock = { ahead: 0 }
  const now = () => new Date(Date.now() + clock.ahead)
  const keyring = await openKeyring(join(directory, 'keys'))
  const store = await openStore<Tables>({ url: 'sqlite::memory:', name: 'openid-provider', migrations })
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const artifacts = artifactsIn(store.db, vaultIn(keyring, 'artifacts'))
  const authority = await openTestAuthority('auth', now)
  /** Which certificate came first, of those that came after another. */
  const firsts = new Map<string, string>()
  const linkage = {
    firstOf: async (serialNumber: string) => {
      if (firsts.get(serialNumber) === 'unreachable') throw new Refusal('peer.unreachable')
      return firsts.get(serialNumber) ?? serialNumber
    },
  }
  const world: World = {
    site: jpki({
      origin: issuer,
      name: '公的個人認証ログイン',
      appUrl: 'http://127.0.0.1:9',
      anchors: [authority.certificate.der],
      store: loginsIn(store.db, artifacts),
      linkage,
      now,
    }),
    artifacts,
    subjects: subjectsIn(store.db),
    mac: (octets) => keyring.mac('subjects', octets),
    now,
    random: (length) => new Uint8Array(randomBytes(length)),
  }
  const published = await publisher()
  const keys = await Promise.all(
    ['notebook', 'shop'].map(async (clientId) => ({ clientId, ...(await generateKeyPair('ES256')) })),
  )
  const more = {
    postLogoutRedirectUris: [`${published.origin}/`],
    backchannelLogoutUri: `${published.origin}/logout`,
    ciba: true,
  }
  const clients = await Promise.all(
    keys.map(async ({ clientId, publicKey }) =>
      Client.parse({
        clientId,
        name: { ja: `みほん${clientId}`, en: `Sample ${clientId}` },
        ...(clientId === 'shop'
          ? { redirectUris: ['http://127.0.0.1:8/callback'], jwks: { keys: [await exportJWK(publicKey)] } }
          : { redirectUris: [`${published.origin}/callback`], jwksUri: `${published.origin}/jwks.json`, ...more }),
      }),
    ),
  )
  for (const { clientId, publicKey } of keys)
    if (clientId === 'notebook') published.keys.push(await exportJWK(publicKey))
  const provider = providerOf(world, {
    issuer,
    clients,
    signer: await keyring.signer('id-tokens', 'rsa-2048'),
    cookieKeys: ['of a test'],
    frames: [],
  })
  const routes = openIdProvider(world, provider, { issuer, clients, frames: [], cardOrigin, trace: noTrace })
  const listening = await listen({ actor: 'openid-provider', routes, port })

  const serviceOf = async (clientId: string): Promise<Service> => {
    const key = keys.find((one) => one.clientId === clientId)
    const callback = clients.find((one) => one.clientId === clientId)?.redirectUris[0]
    if (key === undefined || callback === undefined) throw new Error(`there is no ${clientId}`)
    const config = await client.discovery(new URL(issuer), clientId, undefined, client.PrivateKeyJwt(key.privateKey), {
      execute: [client.allowInsecureRequests],
    })
    return { config, callback, browser: new Browser((url) => !url.startsWith(issuer)) }
  }
  return {
    issuer,
    world,
    provider,
    authority,
    firsts,
    published,
    clock,
    serviceOf,
    close: async () => {
      await listening.close()
      published.close()
      await authority.close()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** What a service keeps of a login until the person comes back. */
export async function begun({ config, callback }: Service, more: Readonly<Record<string, string>> = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  })
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return { url: url.href, checks }
}
