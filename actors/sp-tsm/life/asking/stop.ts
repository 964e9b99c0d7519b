/** A lost phone is stopped at once: with the number and the password of the application, from any browser, or by the help desk. */
import { Refusal } from '@mobile-jpki/refusal'
import { hashPassword, isPassword } from '../../domain/password.ts'
import { advanceAll } from '../advance.ts'
import { ask } from '../ask.ts'
import type { Life } from '../life.ts'
import type { Task } from '../task.ts'
import type { LifeWorld } from '../world.ts'

export const mostWrongTries = 5

/** Whoever does not know the password learns nothing, not even whether there is a phone under that number. */
export async function stopByPassword(world: LifeWorld, msisdn: string, password: string): Promise<Task> {
  const lives = await world.lives.findByNumber(msisdn)
  if (lives.length === 0) await hashPassword(password, world.random(16))
  for (const life of lives) if (await knowsPassword(world, life, password)) return stop(world, life)
  throw new Refusal('password.wrong')
}

/** Tries are counted before anything is compared. */
async function knowsPassword(world: LifeWorld, { orderId }: Life, password: string): Promise<boolean> {
  const order = await world.orders.find(orderId)
  if (order === undefined) return false
  await world.lives.update(orderId, ({ life, ...rest }) => {
    if (life.wrongTries >= mostWrongTries)
      throw new Refusal('code.locked', 'Too many wrong tries: the help desk stops the phone.')
    return { ...rest, life: { ...life, wrongTries: life.wrongTries + 1 } }
  })
  if (!(await isPassword(password, order.password))) return false
  await world.lives.update(orderId, ({ life, ...rest }) => ({ ...rest, life: { ...life, wrongTries: 0 } }))
  return true
}

/** Said again, it is the same stop. */
export async function stop(world: LifeWorld, { orderId, stops }: Life): Promise<Task> {
  if (stops.includes('stop')) {
    const last = (await world.lives.tasksOf(orderId)).findLast(({ event }) => event === 'stop')
    if (last !== undefined) return last
  }
  return advanceAll(world, await ask(world, { id: world.newId(), orderId, event: 'stop' }))
}

export async function byHelpDesk(
  world: LifeWorld,
  orderId: string,
  event: 'stop' | 'giveUp' | 'dispose',
): Promise<Task> {
  const life = await world.lives.find(orderId)
  if (life === undefined) throw new Refusal('reference.not-found', 'Nothing of that order is in use.')
  if (event === 'stop') return stop(world, life)
  return advanceAll(world, await ask(world, { id: world.newId(), orderId, event }))
}
