/** The page's server: the few things that the page may ask of SP-TSM, one by one, and nothing else of it. */
import { type Route, serve } from '@mobile-jpki/service'
import { call, type Peer } from '@mobile-jpki/service/call'
import type { Endpoint } from '@mobile-jpki/service/endpoint'
import {
  applyForDownload,
  askForLifeEvent,
  cancelApplication,
  checkEligibility,
  describeLife,
  getApplication,
  stopPhone,
} from '@mobile-jpki/sp-tsm/contract'
import { describePage, type PageConfiguration } from './contract.ts'

const forwarded = [
  applyForDownload,
  askForLifeEvent,
  cancelApplication,
  checkEligibility,
  describeLife,
  getApplication,
  stopPhone,
] as const satisfies readonly Endpoint[]

export const pcPage = (spTsm: Peer, configuration: PageConfiguration): readonly Route[] => [
  serve(describePage, () => configuration),
  ...forwarded.map((endpoint) => forward(spTsm, endpoint)),
]

/** A refusal of SP-TSM's goes through with its code, its sentence and whose it is. */
const forward = <E extends Endpoint>(spTsm: Peer, endpoint: E): Route =>
  serve<E>(endpoint, (request, { signal }) => call(spTsm, endpoint, request, { signal }))
