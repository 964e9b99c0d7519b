/**
 * The phone keeps to the access rules of its SIM: an app reaches an application there only where the access rule application
 * (ARA-M) allows its signer. A SIM without one comes from before there were rules, and is open to the app, as it always was.
 * GlobalPlatform Secure Element Access Control v1.1 §3, §4.
 */
import {
  type AccessRule,
  AllAccessRules,
  type ApduAccess,
  accessRuleApplication,
  accessRuleData,
  accessTo,
  RefreshTag,
} from '@mobile-jpki/globalplatform'
import { encodeCommandApdu, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { Channel, Slot } from './slot.ts'

/** What the app may send to this application of the SIM. */
export type AccessTo = (aid: Uint8Array) => Promise<ApduAccess>

/** `device`: the hashes by which rules may name the app. */
export function accessControl(slot: Slot, device: readonly Uint8Array[]): AccessTo {
  /** Valid while the card is in the slot and its refresh tag stays. */
  let known: { readonly epoch: number; readonly tag: string; readonly rules: readonly AccessRule[] } | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const read = async (): Promise<readonly AccessRule[] | undefined> => {
    const { epoch } = slot
    const channel = await openRules(slot)
    if (channel === undefined) return undefined
    try {
      const tag = RefreshTag.decode(await getData(channel, accessRuleData.refreshTag)).toHex()
      if (known?.epoch !== epoch || known.tag !== tag) known = { epoch, tag, rules: await readAll(channel) }
      return known.rules
    } finally {
      await channel.close()
    }
  }

  /** One at a time: the SIM has few channels. */
  return (aid) => {
    const rules = turn.then(read)
    turn = rules.catch(() => undefined)
    return rules.then((found) => (found === undefined ? 'always' : accessTo(found, aid, device)))
  }
}

async function openRules(slot: Slot): Promise<Channel | undefined> {
  try {
    return await slot.share(Uint8Array.fromHex(accessRuleApplication))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
    throw error
  }
}

async function getData(channel: Channel, tag: number): Promise<Uint8Array> {
  const command = { cla: 0x80, ins: 0xca, p1: tag >>> 8, p2: tag & 0xff, data: new Uint8Array(), le: 0x100 }
  const { data, sw } = parseResponseApdu(await channel.transmit(encodeCommandApdu(command)))
  if (sw !== SW.ok)
    throw new Refusal('card.refused', `The SIM does not tell its access rules: ${sw.toString(16)}.`, { whose: 'sim' })
  return data
}

/** The list goes on until the length that its first part announces is there. §4.1.2. */
async function readAll(channel: Channel): Promise<readonly AccessRule[]> {
  let octets = await getData(channel, accessRuleData.all)
  const whole = lengthOf(octets)
  while (octets.length < whole) {
    const next = await getData(channel, accessRuleData.next)
    if (next.length === 0) break
    octets = Uint8Array.of(...octets, ...next)
  }
  return AllAccessRules.decode(octets)
}

/** Tag of two octets, length in one, or behind 81 and 82 in one and two. ISO/IEC 7816-4 §6.3. */
function lengthOf([, , first = 0, second = 0, third = 0]: Uint8Array): number {
  if (first === 0x81) return 4 + second
  if (first === 0x82) return 5 + ((second << 8) | third)
  return 3 + first
}
