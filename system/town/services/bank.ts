/** みほん銀行, the net bank: a relying party that asks the phone itself. */
import { start } from '@mobile-jpki/relying-party/main'
import type { StartService } from './service.ts'

export const startBank: StartService<'relyingParty'> = async ({ ports, places, authorities, trace, now }) => {
  const bank = await start(
    {
      port: ports.relyingParty,
      origin: `http://127.0.0.1:${ports.relyingParty}`,
      name: 'みほん銀行',
      appUrl: places.phone,
      authAuthorities: authorities.auth.map((der) => der.toBase64()),
    },
    { trace, now },
  )
  return { places: { relyingParty: bank.url }, close: bank.close }
}
