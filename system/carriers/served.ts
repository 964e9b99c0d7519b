/** Which TSM serves which carrier: apart from the TSMs themselves, which take long to load. */
import type { CarrierId } from '@mobile-jpki/mno-tsm/contract'
import type { z } from 'zod'

/** Each with its folder, its port, and the carriers that it serves. */
export const carrierTsms = [
  { place: 'mnoTsm', folder: 'mno-tsm', serves: ['carrier-a', 'carrier-d'] },
  { place: 'mnoTsmB', folder: 'mno-tsm-b', serves: ['carrier-b'] },
  { place: 'mnoTsmC', folder: 'mno-tsm-c', serves: ['carrier-c'] },
] as const

export type CarrierTsm = (typeof carrierTsms)[number]
export type TsmPlace = CarrierTsm['place']

/** Where the TSM of a carrier is. */
export function tsmOf<Place>(places: Readonly<Record<TsmPlace, Place>>, carrier: z.output<typeof CarrierId>): Place {
  const found = carrierTsms.find(({ serves }) => (serves as readonly string[]).includes(carrier))
  if (found === undefined) throw new RangeError(`there is no carrier ${carrier}`)
  return places[found.place]
}
