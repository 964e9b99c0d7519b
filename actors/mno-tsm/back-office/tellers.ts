/** How SP-TSM and the network are told: by their own functions; SP-TSM's under the id of the notification, so that told again it is the same call. */
import * as network from '@mobile-jpki/carrier-network/contract'
import { call, type Endpoint, type Peer } from '@mobile-jpki/service'
import * as spTsm from '@mobile-jpki/sp-tsm/contract'
import type { Notification } from '../domain/notification.ts'
import type { Tellers } from './outbox.ts'

/** Where there is no such peer, there is nobody to tell. */
export const tellersOf = (peers: {
  readonly spTsm?: Peer | undefined
  readonly network?: Peer | undefined
}): Partial<Tellers> => ({
  ...(peers.spTsm && {
    HandleMobileSubscriptionStatusChange: notifying(peers.spTsm, spTsm.handleMobileSubscriptionStatusChange),
    HandleMobileSubscriptionIdentifierChanged: notifying(peers.spTsm, spTsm.handleMobileSubscriptionIdentifierChanged),
    HandleSERenewal: notifying(peers.spTsm, spTsm.handleSERenewal),
    HandleSEDeviceChanged: notifying(peers.spTsm, spTsm.handleSEDeviceChanged),
    HandleSEStatusChange: notifying(peers.spTsm, spTsm.handleSEStatusChange),
  }),
  ...(peers.network && {
    setLine: telling(peers.network, network.setLine),
    removeLine: telling(peers.network, network.removeLine),
  }),
})

type Telling = (notification: Notification) => Promise<unknown>

const notifying =
  (peer: Peer, endpoint: Endpoint): Telling =>
  ({ id, carrier, message }) =>
    call(peer, endpoint, endpoint.request.parse({ functionCall: { id }, carrier, ...message }))

const telling =
  (peer: Peer, endpoint: Endpoint): Telling =>
  ({ message }) =>
    call(peer, endpoint, endpoint.request.parse(message))
