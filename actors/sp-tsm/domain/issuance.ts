/** ⑥ to ⑪, after the applicant has been answered: certificate for the phone, then the access code by mail. Goes on after a restart. */

import { codeLetterOf } from '../mail/post.ts'
import { verify } from './application.ts'
import { discard, endedBy, expire, isOutOfTime, terminate } from './ending.ts'
import { movedFrom, type Order } from './order.ts'
import type { World } from './world.ts'

/** Moves the order one state further; undefined when there is nothing to be done without the applicant. */
export async function advance(world: World, order: Order): Promise<Order | undefined> {
  if (order.discardOwed) return discard(world, order)
  if (order.terminateOwed) return terminate(world, order)
  if (isOutOfTime(world, order)) return expire(world, order)
  switch (order.state) {
    case 'applied':
      // SP-TSM was cut off between ② and ⑤, or nobody could say whether the certificate was good.
      return verify(world, order)
    case 'verified':
      return certify(world, order)
    case 'certified':
      return order.sealedAccessCode === undefined ? undefined : writeCode(world, order)
    default:
      return undefined
  }
}

/** ⑥ to ⑩. On card, the certificate comes behind ⑮: until then the JPKI system holds the order ready. */
async function certify(world: World, order: Order): Promise<Order> {
  const { serialNumber } = await world.jpki.requestPhoneCertificate({
    orderId: order.id,
    signCertificate: order.signCertificate,
    iccid: order.form.iccid,
    keyGeneration: order.form.keyGeneration,
    attestedBy: order.attestedBy ?? 'casd',
  })
  const at = world.now()
  const start = performance.now()
  const certified = await world.orders.update(order.id, (one) =>
    movedFrom('verified', one, 'certify', serialNumber === undefined ? {} : { phoneCertificate: serialNumber }),
  )
  world.trace.record({
    at,
    step: '⑩',
    order: order.id,
    from: 'sp-tsm',
    to: 'sp-tsm',
    what: 'set issuance status against the access code',
    octets: 0,
    milliseconds: performance.now() - start,
    ok: true,
  })
  return certified
}

/** ⑪: the letter and the change that it goes with are written at once; the outbox does the rest. */
const writeCode = (world: World, order: Order): Promise<Order> =>
  world.orders.update(order.id, (one) => {
    const letter = codeLetterOf(one)
    if (letter === undefined) return one
    const { sealedAccessCode: _, ...rest } = one
    return { ...rest, letters: [letter] }
  })

/** Advances until the applicant's turn. A refusal that will not pass ends the order with its reason. */
export async function issue(world: World, order: Order): Promise<void> {
  let now: Order | undefined = order
  while (now !== undefined) {
    const current: Order = now
    now = await advance(world, current).catch((error: unknown) => endedBy(world, current, error))
  }
}
