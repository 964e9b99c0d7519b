/** A SIM as it comes out of a whole download, with the carrier's keys for it: what is measured is a card in use. */
import { randomUUID } from 'node:crypto'
import type { KeySet } from '@mobile-jpki/globalplatform'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { provisionSim } from '@mobile-jpki/mno-tsm/contract'
import { call, connectTo } from '@mobile-jpki/service'
import { openSimIn } from '../../town/cards/sims.ts'
import { freePortBase, layoutOf, portsFrom } from '../../town/layout.ts'
import { startTown } from '../../town/town.ts'
import { openFleet } from '../download/fleet.ts'

export interface DownloadedSim {
  /** Where its memory file lies. */
  readonly directory: string
  /** Its memory in clear, name by name. */
  readonly image: ReadonlyMap<string, Uint8Array>
  readonly issuerKeys: KeySet & { readonly keyVersion: number }
  readonly pin: string
}

export async function downloadedSim(data: string, progress: (what: string) => void): Promise<DownloadedSim> {
  const town = await startTown({ data, ports: portsFrom(await freePortBase()), progress })
  try {
    const { places, phoneSettings } = town
    progress('a download into the SIM that will be measured')
    const fleet = await openFleet({ data, places, phone: phoneSettings, first: 1 })
    const { who, directory, download, close } = await fleet.enrol()
    await download().finally(close).finally(fleet.close)
    const image = await imageOf(directory)
    const service = await openServiceCertificates(layoutOf(data).of('service-ca'), () => new Date())
    const tls = await service.identityOf('system')
    const carrier = connectTo({ url: places.mnoTsm, actor: 'mno-tsm', as: 'system', tls })
    const { keys } = await call(carrier, provisionSim, {
      functionCall: { id: randomUUID() },
      carrier: who.phone.carrier,
      ...who.sim,
      keyDiversificationData: image.get('card/kdd') ?? new Uint8Array(),
    })
    const [keySet] = keys.keySets
    if (keySet === undefined) throw new Error('a SIM has a key set')
    await carrier.close()
    return { directory, image, issuerKeys: keySet, pin: who.card.authPin }
  } finally {
    await town.close()
  }
}

async function imageOf(directory: string): Promise<Map<string, Uint8Array>> {
  const { nvm, close } = await openSimIn(directory)
  const image = new Map(nvm.keys().map((name) => [name, nvm.get(name) ?? new Uint8Array()]))
  close()
  return image
}
