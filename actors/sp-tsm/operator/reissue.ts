/** The help desk gives a new access code. docs/protocols/access-code.md. */
import { Refusal } from '@mobile-jpki/refusal'
import { expire, isOutOfTime } from '../domain/ending.ts'
import { moved, type Order, transitions } from '../domain/order.ts'
import type { World } from '../domain/world.ts'

/** The application itself is good for so long; then the person signs another one. */
const longestApplication = 30 * 24 * 3_600_000

/** What is kept of a new code until it is in the mail. */
async function newCode(world: World, orderId: string): Promise<Pick<Order, 'accessCode' | 'sealedAccessCode'>> {
  const code = world.random(10)
  return { accessCode: await world.secrets.mac(code), sealedAccessCode: await world.secrets.seal(code, orderId) }
}

/**
 * While the JPKI system keeps the key, the same order gets another code, which ends no later than the first one would have: the key
 * waits no longer. Of an order that expired or failed, whose key is gone, the application is taken up again as an order of its own.
 */
export async function reissue(world: World, found: Order): Promise<Order> {
  const order = isOutOfTime(world, found) ? await expire(world, found) : found
  if (transitions[order.state].reissue !== undefined) return withNewCode(world, order)
  if (order.state === 'expired' || order.state === 'failed') return takenUpAgain(world, order)
  throw new Refusal('conditions.not-satisfied', `The application is ${order.state}: there is no code to replace.`)
}

async function withNewCode(world: World, { id }: Order): Promise<Order> {
  const code = await newCode(world, id)
  return world.orders.update(id, ({ session: _, ...one }) =>
    moved(one, 'reissue', { ...code, wrongTries: 0 }, 'operator'),
  )
}

async function takenUpAgain(world: World, order: Order): Promise<Order> {
  const now = world.now()
  if (now.getTime() - Date.parse(order.form.madeAt) > longestApplication)
    throw new Refusal('request.expired', 'The application is older than 30 days: the person has to sign another one.')
  const { id, form, application, applicant, signCertificate, password, deviceKey } = order
  const successor: Order = {
    id: world.newId(),
    state: 'applied',
    form,
    application,
    applicant,
    signCertificate,
    password,
    wrongTries: 0,
    createdAt: now,
    ...(deviceKey !== undefined && { deviceKey }),
  }
  // Whoever asks at the same time comes to the same successor: it is named first, and made by its name.
  const { replacedBy = successor.id } = await world.orders.update(id, (one) => replaced(one, successor.id))
  await world.orders.add({ ...successor, id: replacedBy })
  const made = await world.orders.find(replacedBy)
  if (made === undefined) throw new Error('an order that was added is there')
  return made
}

const replaced = (order: Order, by: string): Order =>
  order.replacedBy !== undefined
    ? order
    : {
        ...order,
        replacedBy: by,
        news: [...(order.news ?? []), { event: 'replaced', from: order.state, to: order.state, by: 'operator' }],
      }
