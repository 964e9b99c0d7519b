/** A second OpenID provider in a town, with a service of the story's own that logs people in by openid-client, which knows nothing of us. */
import { join } from 'node:path'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { start } from '@mobile-jpki/openid-provider/main'
import * as client from 'openid-client'
import { freePortBase, layoutOf } from '../../../town/layout.ts'
import { rowsOf, type StoryTown } from '../../stage/town.ts'

export interface StoryProvider extends AsyncDisposable {
  readonly issuer: string
  /** Where it takes cards in a reader. */
  readonly cards: string
  /** PEM of the CA of its certificate there. */
  readonly serviceCa: string
  readonly config: client.Configuration
  readonly callback: string
}

export async function openProvider(town: StoryTown): Promise<StoryProvider> {
  const base = await freePortBase()
  const [port, cardPort, servicePort] = [base, base + 1, base + 2]
  const issuer = `http://127.0.0.1:${port}`
  const cards = `https://127.0.0.1:${cardPort}`
  const callback = `http://127.0.0.1:${servicePort}/callback`
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificates = await openServiceCertificates(layoutOf(town.data).of('service-ca'), town.now)
  const authorities = rowsOf(town, 'jpki-system', "SELECT certificate FROM ca_generation WHERE name = 'auth'")
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const provider = await start(
    {
      dataDirectory: join(town.data, 'story-openid-provider'),
      port,
      issuer,
      card: { port: cardPort, origin: cards },
      appUrl: town.places.phone,
      jpkiSystem: town.places.jpkiSystem,
      authAuthorities: authorities.map(({ certificate }) => (certificate as Uint8Array).toBase64()),
      clients: [
        {
          clientId: 'stranger',
          name: { ja: 'よそのサービス', en: 'Somebody else’s service' },
          redirectUris: [callback],
          jwks: { keys: [{ kty: kty as 'EC', crv, x, y }] },
        },
      ],
    },
    { identity: await certificates.identityOf('openid-provider'), now: town.now },
  )
  const how = { execute: [client.allowInsecureRequests] }
  const config = await client.discovery(
    new URL(issuer),
    'stranger',
    undefined,
    client.PrivateKeyJwt(pair.privateKey),
    how,
  )
  const { serviceCa } = certificates
  return { issuer, cards, serviceCa, config, callback, [Symbol.asyncDispose]: provider.close }
}
