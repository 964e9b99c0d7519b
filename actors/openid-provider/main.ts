/**
 * Starts the OpenID provider: the only file of this house that reads configuration and opens sockets. Alone:
 * `node actors/openid-provider/main.ts CONFIGURATION.json`, whose `tls` names three PEM files.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { findFirstCertificate } from '@mobile-jpki/jpki-system/contract'
import { openKeyring, type ServiceIdentity, vaultIn } from '@mobile-jpki/keyring'
import { jpki } from '@mobile-jpki/relying-party'
import { call, connectTo, type Listening, listen, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { Client } from './contract.ts'
import { listenForCards, openIdProvider, providerOf } from './index.ts'
import { artifactsIn } from './store/artifacts.ts'
import { loginsIn } from './store/logins.ts'
import { subjectsIn } from './store/subjects.ts'
import { migrations, type Tables } from './store/tables.ts'

const Certificates = z.array(z.base64().transform((text) => Uint8Array.fromBase64(text))).min(1)

const Origin = z.string().refine((text) => URL.parse(text)?.origin === text, 'must be an origin as browsers write it')

export const Configuration = z.strictObject({
  /** Keys, and the database unless `databaseUrl` names another. */
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  /** Plain HTTP on this machine; in the open a TLS terminator stands before it, and `issuer` is what services and browsers see. */
  port: z.int().min(0).max(65535),
  issuer: Origin,
  /** TLS, for logins with a card reader; nobody listens if not said. `origin` is what browsers see of it. */
  card: z.strictObject({ port: z.int().min(0).max(65535), origin: Origin }).optional(),
  /** Shown to the person in the app, beside the origin. */
  name: z.string().default('公的個人認証ログイン'),
  /** Where the app is opened. */
  appUrl: z.url(),
  /** Asked who a certificate is that was not seen before. */
  jpkiSystem: z.url(),
  /** CA certificates (DER) of the auth CA, all generations. */
  authAuthorities: Certificates,
  clients: z.array(Client),
  /** Origins whose pages may show ours in a frame; nobody if not said. */
  frameAncestors: z.array(Origin).default([]),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  /** Who it is to the JPKI system, and to browsers on the port for cards. */
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
}

const me = 'openid-provider'
const hour = 3_600_000

export async function start(
  given: Configuration,
  { identity, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Listening> {
  const settings = Configuration.parse(given)
  const { dataDirectory, databaseUrl = `sqlite:${join(dataDirectory, `${me}.db`)}` } = settings
  const { port, issuer, clients, frameAncestors: frames } = settings
  const keyring = await openKeyring(join(dataDirectory, 'keys'))
  const store = await openStore<Tables>({ url: databaseUrl, name: me, migrations })
  const jpkiSystem = connectTo({ url: settings.jpkiSystem, actor: 'jpki-system', as: me, tls: identity, trace })
  const opened: (() => unknown)[] = [store.close, jpkiSystem.close]
  const close = async () => {
    for (const one of opened.toReversed()) await one()
  }
  try {
    const artifacts = artifactsIn(store.db, vaultIn(keyring, 'artifacts'))
    const world = {
      site: jpki({
        origin: issuer,
        name: settings.name,
        appUrl: settings.appUrl,
        anchors: settings.authAuthorities,
        store: loginsIn(store.db, artifacts),
        linkage: {
          firstOf: async (authCertificate: string) =>
            (await call(jpkiSystem, findFirstCertificate, { authCertificate })).serialNumber,
        },
        actor: me,
        trace,
        now,
      }),
      artifacts,
      subjects: subjectsIn(store.db),
      mac: (octets: Uint8Array) => keyring.mac('subjects', octets),
      now,
      random: (length: number) => new Uint8Array(randomBytes(length)),
    }
    const provider = providerOf(world, {
      issuer,
      clients,
      signer: await keyring.signer('id-tokens', 'rsa-2048'),
      cookieKeys: [(await keyring.octets('cookies', 32)).toHex()],
      frames,
    })
    if (settings.card !== undefined) {
      const { key, certificate } = identity
      const cards = { port: settings.card.port, issuer, key, certificate, authorities: settings.authAuthorities }
      opened.push((await listenForCards(world, cards)).close)
    }
    const routes = openIdProvider(world, provider, {
      issuer,
      clients,
      cardOrigin: settings.card?.origin,
      trace,
      frames,
    })
    const listening = await listen({ actor: me, routes, port, trace })
    opened.push(listening.close)
    const pruning = setInterval(() => artifacts.prune(now()).catch(tellFault(me)), hour).unref()
    opened.push(() => clearInterval(pruning))
    return { url: listening.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

if (import.meta.main)
  await startAlone(
    'openid-provider.json',
    (settings, identity) => start(settings as Configuration, { identity }),
    ({ url }) => `OpenID provider ${url}`,
  )
