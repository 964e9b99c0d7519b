/** The helper that this page is of. */
import type { Peer } from '@mobile-jpki/service/call'

export const helper: Peer = { url: location.origin, actor: 'card-helper', as: 'user' }
