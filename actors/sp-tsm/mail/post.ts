/** Letters on their way out: each is tried until the mail server has taken it, and the order goes on with what became of it. ⑪ among them. */
import { formatAccessCode } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { setBack } from '../domain/ending.ts'
import type { Letter } from '../domain/letter.ts'
import { ended, isPassing, movedFrom, type Order, troubleOf } from '../domain/order.ts'
import type { Outgoing } from '../domain/orders.ts'
import type { Mailing, World } from '../domain/world.ts'

/** ⑪ for an order whose certificate is there. Each code has one letter, named after what is kept of it. */
export function codeLetterOf({ state, accessCode, sealedAccessCode, codeExpires }: Order): Letter | undefined {
  if (state !== 'certified' || accessCode === undefined || sealedAccessCode === undefined || codeExpires === undefined)
    return undefined
  const content = { expires: codeExpires.toISOString() }
  return { kind: 'accessCode', name: nameOf(accessCode), content, sealedCode: sealedAccessCode }
}

const nameOf = (mac: Uint8Array): string => mac.slice(0, 8).toHex()

/** A code that was replaced, or whose order ended, goes to nobody. */
const isWanted = (order: Order, { letter }: Outgoing): boolean =>
  letter.kind !== 'accessCode' ||
  (order.state === 'certified' && order.accessCode !== undefined && nameOf(order.accessCode) === letter.name)

/** Sends one letter that this process holds. What is no refusal is thrown on, behind the note of when to try again. */
export async function post(world: World, letter: Outgoing, restAfter: (count: number) => Date): Promise<void> {
  const order = await world.orders.find(letter.orderId)
  if (order === undefined || !isWanted(order, letter)) {
    await world.outbox.done(letter, { at: world.now(), as: 'dropped' })
    return
  }
  const at = world.now()
  const start = performance.now()
  try {
    await world.mail.send(await mailingOf(world, order, letter))
  } catch (error) {
    return notSent(world, letter, error, restAfter)
  }
  if (letter.letter.kind === 'accessCode')
    world.trace.record({
      at,
      step: '⑪',
      order: order.id,
      from: 'sp-tsm',
      to: 'user',
      what: 'access code by mail',
      octets: 0,
      milliseconds: performance.now() - start,
      ok: true,
    })
  await world.outbox.done(letter, { at: world.now(), as: 'sent' }, (one) =>
    letter.letter.kind === 'accessCode' && isWanted(one, letter) ? movedFrom('certified', one, 'sendCode') : one,
  )
}

async function mailingOf(world: World, { id: orderId, form }: Order, { id, letter }: Outgoing): Promise<Mailing> {
  const { sealedCode } = letter
  const code = sealedCode && formatAccessCode(await world.secrets.open(sealedCode, orderId))
  const { language = 'ja', mail: to } = form
  const { kind, content } = letter
  return { id, to, language, kind, content, ...(code && { code }) } as Mailing
}

async function notSent(
  { outbox, orders, now }: World,
  letter: Outgoing,
  error: unknown,
  restAfter: (count: number) => Date,
): Promise<void> {
  const isCode = letter.letter.kind === 'accessCode'
  if (error instanceof Refusal && !isPassing(error)) {
    await outbox.done(letter, { at: now(), as: 'refused' }, (one) =>
      isCode && isWanted(one, letter) ? ended(one, 'fail', troubleOf(error)) : one,
    )
    return
  }
  await outbox.again(letter, restAfter(letter.tries + 1))
  if (isCode && error instanceof Refusal)
    await orders.update(letter.orderId, (one) => (isWanted(one, letter) ? setBack(one, troubleOf(error)) : one))
  if (!(error instanceof Refusal)) throw error
}
