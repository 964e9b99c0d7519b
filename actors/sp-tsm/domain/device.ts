/**
 * Which phone asks. The app's key signs a challenge of ours, for one order, SIM, purpose and SP-TSM (standards/jpki/device.ts); its public
 * half stands in the signed form, or is that of the first phone that came. docs/protocols/access-code.md.
 */
import { timingSafeEqual } from 'node:crypto'
import { isSignedByDevice } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { concat, sameOctets } from '@mobile-jpki/tlv'
import type { DeviceProof } from '../contract.ts'
import type { Order } from './order.ts'
import type { World } from './world.ts'

/** The store remembers which challenges were answered; that a challenge is ours is seen from itself. */
export interface Challenges {
  /** False when it was spent before. */
  spend(challenge: Uint8Array, until: Date, now: Date): Promise<boolean>
}

export const challengeLifetime = 5 * 60_000
const timeLength = 6
const nonceLength = 16
const label = new TextEncoder().encode('challenge')

/** End of its time in milliseconds (6) ‖ nonce (16) ‖ MAC of both (32): nothing is kept of a challenge that nobody answers. */
export async function newChallenge({
  secrets,
  now,
  random,
}: Pick<World, 'secrets' | 'now' | 'random'>): Promise<{ challenge: Uint8Array; expiresAt: Date }> {
  const expiresAt = new Date(now().getTime() + challengeLifetime)
  const time = expiresAt.getTime().toString(16)
  const head = concat(Uint8Array.fromHex(time.padStart(2 * timeLength, '0')), random(nonceLength))
  return { challenge: concat(head, await secrets.mac(concat(label, head))), expiresAt }
}

/** Ours, in time, and not answered before. Whatever comes of the rest, the challenge is gone. */
export async function spendChallenge(
  { secrets, challenges, now }: Pick<World, 'secrets' | 'challenges' | 'now'>,
  challenge: Uint8Array,
): Promise<void> {
  const head = challenge.subarray(0, timeLength + nonceLength)
  const tag = challenge.subarray(head.length)
  const mac = await secrets.mac(concat(label, head))
  if (tag.length !== mac.length || !timingSafeEqual(tag, mac))
    throw new Refusal('request.expired', 'The challenge is none of ours.')
  const until = new Date(Number.parseInt(head.subarray(0, timeLength).toHex(), 16))
  if (until <= now()) throw new Refusal('request.expired', 'The time of the challenge is over.')
  if (!(await challenges.spend(challenge, until, now())))
    throw new Refusal('request.replayed', 'The challenge was answered before.')
}

/** Whether the phone that the order is bound to signed; an order that is bound to none takes whichever comes. */
export async function isBoundPhone(
  { origin }: Pick<World, 'origin'>,
  { id, form, deviceKey }: Order,
  purpose: string,
  { key, challenge, signature }: DeviceProof,
): Promise<boolean> {
  if (deviceKey !== undefined && !sameOctets(deviceKey, key)) return false
  const statement = { purpose, origin: origin(), iccid: form.iccid, challenge }
  // An app that did not make the application knows no order until it has come once.
  const names = [id, form.id, ...(form.device.key === undefined ? [''] : [])]
  const signed = names.map((orderId) => isSignedByDevice(key, { ...statement, orderId }, signature))
  return (await Promise.all(signed)).includes(true)
}

/** For what is asked after the download: the proof, or a refusal. */
export async function mustBeBoundPhone(world: World, order: Order, purpose: string, proof: DeviceProof): Promise<void> {
  await spendChallenge(world, proof.challenge)
  if (order.deviceKey === undefined || !(await isBoundPhone(world, order, purpose, proof)))
    throw new Refusal('device.not-the-bound-one')
}

/** The first phone binds its key; another one that comes at the same time is told so. */
export function bound(order: Order, key: Uint8Array): Order {
  if (order.deviceKey !== undefined && !sameOctets(order.deviceKey, key)) throw new Refusal('device.not-the-bound-one')
  return { ...order, deviceKey: key }
}

/** Another phone in the place of the bound one: for whoever has checked that the person signed for it with the My Number card. */
export const rebound = (order: Order, key: Uint8Array): Order => ({ ...order, deviceKey: key })
