/** ⑥ to ⑪, after the applicant has been answered: certificate for the phone, then the access code by mail. Goes on after a restart. */

import { formatAccessCode } from '@mobile-jpki/jpki'
import { verify } from './application.ts'
import { discard, endedBy, expire, isOutOfTime } from './ending.ts'
import { movedFrom, type Order } from './order.ts'
import type { World } from './world.ts'

/** Moves the order one state further; undefined when there is nothing to be done without the applicant. */
export async function advance(world: World, order: Order): Promise<Order | undefined> {
  if (order.discardOwed) return discard(world, order)
  if (isOutOfTime(world, order)) return expire(world, order)
  switch (order.state) {
    case 'applied':
      // SP-TSM was cut off between ② and ⑤, or nobody could say whether the certificate was good.
      return verify(world, order)
    case 'verified':
      return certify(world, order)
    case 'certified':
      return sendCode(world, order)
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

/** ⑪: sent at least once. After the state has changed the code is nowhere but in the mail. */
async function sendCode(world: World, order: Order): Promise<Order> {
  const { sealedAccessCode, codeExpires } = order
  if (sealedAccessCode === undefined || codeExpires === undefined) throw new Error('a certified order has its code')
  const code = await world.secrets.open(sealedAccessCode, order.id)
  const at = world.now()
  const start = performance.now()
  await world.mail.sendAccessCode(order.form.mail, formatAccessCode(code), codeExpires)
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
  return world.orders.update(order.id, (one) => {
    const { sealedAccessCode: _, ...sent } = movedFrom('certified', one, 'sendCode')
    return sent
  })
}

/** Advances until the applicant's turn. A refusal that will not pass ends the order with its reason. */
export async function issue(world: World, order: Order): Promise<void> {
  let now: Order | undefined = order
  while (now !== undefined) {
    const current: Order = now
    now = await advance(world, current).catch((error: unknown) => endedBy(world, current, error))
  }
}
