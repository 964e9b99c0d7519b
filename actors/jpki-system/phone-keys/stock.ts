/** The stock of key pairs made ahead: filled when no order waits for a pair, each pair sealed for its row as soon as it is made. */
import type { World } from '../domain/world.ts'
import type { KeyPairPool } from './pool.ts'
import { sealPair, stockContext } from './sealed-pair.ts'

export interface StockTerms {
  /** Filled up to so many; 0 for no stock. Several processes on one register may each add a few to that. */
  readonly target: number
  /** Once there are fewer than this. */
  readonly refillBelow: number
  /** Pairs asked for at once. */
  readonly together: number
}

type Surroundings = Pick<World, 'register' | 'vault' | 'random'>

/** How many were made. */
export async function refill(
  world: Surroundings,
  pairs: Pick<KeyPairPool, 'generateInIdleTime'>,
  { target, refillBelow, together }: StockTerms,
  signal?: AbortSignal,
): Promise<number> {
  const { keyStock } = world.register
  let size = target === 0 ? 0 : await keyStock.size()
  if (size >= refillBelow) return 0
  let made = 0
  for (; size < target && signal?.aborted !== true; size = await keyStock.size()) {
    const missing = Math.min(together, target - size)
    await Promise.all(Array.from({ length: missing }, () => add(world, pairs)))
    made += missing
  }
  return made
}

async function add({ register, vault, random }: Surroundings, pairs: Pick<KeyPairPool, 'generateInIdleTime'>) {
  const pair = await pairs.generateInIdleTime()
  const id = random(16).toHex()
  const { publicKey } = pair
  await register.keyStock.add({ id, ...(await sealPair(vault, pair, stockContext({ id, publicKey }))) })
}
