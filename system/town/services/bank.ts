/** みほん銀行, the net bank: a relying party that asks the phone itself. */
import { linkageAt } from '@mobile-jpki/relying-party'
import { startBank as start } from '@mobile-jpki/services'
import type { StartService } from './service.ts'

export const startBank: StartService<'relyingParty'> = async (around) => {
  const { layout, ports, places, authorities, identityOf, desk, trace, now } = around
  const origin = `http://127.0.0.1:${ports.relyingParty}`
  const bank = await start(
    { port: ports.relyingParty, origin, dataDirectory: layout.of('bank'), frameAncestors: [desk] },
    {
      appUrl: places.phone,
      anchors: authorities.auth,
      linkage: linkageAt({ url: places.jpkiSystem, ...(await identityOf('relying-party')) }),
      trace,
      now,
    },
  )
  return { places: { relyingParty: bank.url }, close: bank.close }
}
