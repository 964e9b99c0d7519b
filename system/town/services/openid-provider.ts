/** OpenIDプロバイダー: services that know the person by it alone stand in its configuration. */
import type { Client } from '@mobile-jpki/openid-provider/contract'
import { start } from '@mobile-jpki/openid-provider/main'
import type { z } from 'zod'
import type { RunningService, ServiceSurroundings } from './service.ts'

export async function startOpenIdProvider(
  { layout, ports, database, places, authorities, identityOf, desk, trace, now }: ServiceSurroundings,
  clients: readonly z.input<typeof Client>[],
): Promise<RunningService<'openId' | 'openIdTls'>> {
  const origin = `https://127.0.0.1:${ports.openIdTls}`
  const { url, close } = await start(
    {
      dataDirectory: layout.of('openid-provider'),
      ...database,
      port: ports.openId,
      issuer: `http://127.0.0.1:${ports.openId}`,
      card: { port: ports.openIdTls, origin },
      appUrl: places.phone,
      jpkiSystem: places.jpkiSystem,
      authAuthorities: authorities.auth.map((der) => der.toBase64()),
      clients: [...clients],
      frameAncestors: [desk],
    },
    { identity: await identityOf('openid-provider'), trace, now },
  )
  return { places: { openId: url, openIdTls: origin }, close }
}
