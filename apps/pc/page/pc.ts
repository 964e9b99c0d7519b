/** What every screen of the page may ask for. */
import type { Peer } from '@mobile-jpki/service/call'
import { createContext, useContext } from 'react'
import type { PageConfiguration } from '../server/contract.ts'

export interface Pc {
  readonly configuration: PageConfiguration
}

/** SP-TSM, as far as the page's own server leads there. */
export const site: Peer = { url: location.origin, actor: 'sp-tsm', as: 'user' }

export const PcContext = createContext<Pc>({ configuration: { helpers: [], carriers: [], phones: [] } })

export const usePc = (): Pc => useContext(PcContext)
