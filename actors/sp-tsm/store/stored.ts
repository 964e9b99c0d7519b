/** Everything that the domain remembers, in one store. */
import type { Store } from '@mobile-jpki/store'
import type { World } from '../domain/world.ts'
import { livesIn } from '../life/store/lives.ts'
import { archiveIn } from './archive.ts'
import { leasesIn } from './leases.ts'
import { ordersIn } from './orders.ts'
import { outboxIn } from './outbox.ts'
import { pinRelayIn } from './pins.ts'
import { ratesIn } from './rates.ts'
import type { Seals } from './seals/seals.ts'
import type { Tables } from './tables.ts'

export const storedIn = (
  store: Store<Tables>,
  now: () => Date,
  seals: Seals,
): Pick<World, 'orders' | 'lives' | 'leases' | 'outbox' | 'archive' | 'pinRelay' | 'rates'> => ({
  orders: ordersIn(store, now, seals),
  lives: livesIn(store, now, seals),
  leases: leasesIn(store, seals),
  outbox: outboxIn(store, seals),
  archive: archiveIn(store),
  pinRelay: pinRelayIn(store),
  rates: ratesIn(store),
})
