/** ⑬: access code, password, SIM and phone. Wrong tries are counted before the answer; five lock the order. */

import { AccessCodeError, parseAccessCode } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { DeviceProof } from '../contract.ts'
import { bound, isBoundPhone, spendChallenge } from './device.ts'
import { isDownloading, moved, type Order } from './order.ts'
import { isPassword } from './password.ts'
import type { World } from './world.ts'

export const mostWrongTries = 5

export interface Credentials {
  readonly accessCode: string
  readonly password: string
  readonly iccid: string
  readonly device: DeviceProof
}

/** Answers a new session for the order; while its download is unfinished the same code gives another one, and the old ends. */
export async function authenticate(world: World, credentials: Credentials): Promise<{ order: Order; session: string }> {
  const code = codeIn(credentials.accessCode)
  const mac = await world.secrets.mac(code)
  const named = await world.orders.findByAccessCode(mac)
  // A code that is nobody's is a wrong try against the order that waits in this SIM, if there is one.
  const order = named ?? (await world.orders.findOpenForSim(credentials.iccid))
  if (order === undefined) throw new Refusal('code.wrong')
  refuseClosed(world, order)
  await spendChallenge(world, credentials.device.challenge)
  const triesLeft = await countTry(world, order)
  if (named === undefined) throw wrong('code.wrong', triesLeft)
  if (!(await isPassword(credentials.password, order.password))) throw wrong('password.wrong', triesLeft)
  if (credentials.iccid !== order.form.iccid)
    throw wrong('sim.not-the-named-one', triesLeft, 'The application names another SIM. ')
  if (!(await isBoundPhone(world, order, 'download', credentials.device)))
    throw wrong('device.not-the-bound-one', triesLeft, 'The application is bound to another phone. ')

  const session = world.newId()
  const sessionMac = await world.secrets.mac(new TextEncoder().encode(session))
  const authenticated = await world.orders.update(order.id, (now) => {
    const one = bound(now, credentials.device.key)
    const changes = { session: sessionMac, wrongTries: 0 }
    return isDownloading(one.state) ? { ...one, ...changes } : moved(one, 'authenticate', changes)
  })
  return { order: authenticated, session }
}

function codeIn(text: string): Uint8Array {
  try {
    return parseAccessCode(text)
  } catch (error) {
    // The check character tells a slip of the finger from a guess: nothing is counted.
    if (error instanceof AccessCodeError) throw new Refusal('code.wrong', `${error.message}.`, { cause: error })
    throw error
  }
}

function refuseClosed(world: World, order: Order): void {
  if (order.state === 'active') throw new Refusal('code.used')
  if (order.state !== 'codeSent' && !isDownloading(order.state))
    throw new Refusal('conditions.not-satisfied', order.trouble?.detail ?? `The application is ${order.state}.`)
  if (order.codeExpires === undefined || order.codeExpires <= world.now()) throw new Refusal('code.expired')
  if (order.wrongTries >= mostWrongTries) throw new Refusal('code.locked')
}

/** Every try is counted as wrong before anything is compared; a right one sets the count back. Answers how many are left. */
async function countTry({ orders }: World, { id }: Order): Promise<number> {
  const { wrongTries } = await orders.update(id, (order) => {
    if (order.wrongTries >= mostWrongTries) throw new Refusal('code.locked')
    return { ...order, wrongTries: order.wrongTries + 1 }
  })
  return mostWrongTries - wrongTries
}

function wrong(code: RefusalCode, triesLeft: number, what = ''): Refusal {
  const left = triesLeft === 1 ? 'One try is left.' : `${triesLeft} tries are left.`
  return new Refusal(code, `${what}${left}`, { triesLeft })
}
