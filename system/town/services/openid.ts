/** OpenIDプロバイダー: services that know the person by it alone stand in its configuration. */
import { start } from '@mobile-jpki/openid-provider/main'
import { registrations } from './openid-services.ts'
import type { StartService } from './service.ts'

export const startOpenId: StartService<'openId' | 'openIdTls'> = async (around) => {
  const { layout, ports, database, places, authorities, identityOf, desk, trace, now } = around
  const origin = `https://127.0.0.1:${ports.openIdTls}`
  const provider = await start(
    {
      dataDirectory: layout.of('openid-provider'),
      ...database,
      port: ports.openId,
      issuer: `http://127.0.0.1:${ports.openId}`,
      card: { port: ports.openIdTls, origin },
      appUrl: places.phone,
      jpkiSystem: places.jpkiSystem,
      authAuthorities: authorities.auth.map((der) => der.toBase64()),
      clients: registrations(ports),
      frameAncestors: [desk],
    },
    { identity: await identityOf('openid-provider'), trace, now },
  )
  return { places: { openId: provider.url, openIdTls: origin }, close: provider.close }
}
