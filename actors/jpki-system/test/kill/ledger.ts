/** What the clients were told: from then on it must be so, whatever is killed. */
import type { RevocationReason } from '../../contract.ts'
import type { Ordered } from './load.ts'

export interface Known {
  readonly authority: 'sign' | 'auth'
  readonly serialNumber: string
  readonly der: Uint8Array
  readonly partition: string
  /** Told, or asked for: nobody else asks for this certificate then. */
  revocation?: { readonly reason: RevocationReason; revokedAt?: string }
}

export interface Card {
  readonly sign: Known
  readonly auth: Known
  order?: Ordered
}

export interface Ledger {
  readonly certificates: Map<string, Known>
  readonly cards: Card[]
  readonly orders: Map<string, Ordered>
  /** The highest number seen of each list, and what the list of each number was. */
  readonly lists: Map<string, { number: number; readonly digests: Map<number, string> }>
  /** What must not be, found on the way. */
  readonly broken: string[]
  readonly told: Record<string, number>
  readonly refused: Record<string, number>
}

export const newLedger = (): Ledger => ({
  certificates: new Map(),
  cards: [],
  orders: new Map(),
  lists: new Map(),
  broken: [],
  told: {},
  refused: {},
})

export const nameOf = ({ authority, serialNumber }: Pick<Known, 'authority' | 'serialNumber'>): string =>
  `${authority}/${serialNumber}`

export const counted = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

/** A certificate that was told: the same serial number never comes with other octets. */
export function learn({ certificates, broken }: Ledger, one: Known): Known {
  const known = certificates.get(nameOf(one))
  if (known === undefined) {
    certificates.set(nameOf(one), one)
    return one
  }
  if (known.der.toHex() !== one.der.toHex()) broken.push(`${nameOf(one)} was given to two certificates`)
  return known
}
