/** A way to each refusal of confidential set-up. */
import { casdPoints, cutBlocks, type KeySetUp, keyTypes, type Owner, pushKeys } from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import { aids } from '../contract.ts'
import type { RuleId } from '../index.ts'
import { createDomain, personalize, storeData } from '../test/commands.ts'
import { bytes, domainAid, freshSim, type Host, manufactured, newKeys, raw } from '../test/host.ts'
import { opened, type Way } from '../test/refusals-channel.ts'
import { casdBy, newOwner, newPair, type Pair, verifyP256 } from './authority.ts'

/** A fresh card of this authority with an empty security domain, which the issuer is about to personalize. */
export async function withEmptyDomain(authority: Pair): Promise<Host> {
  const host = await opened(freshSim({ casd: casdBy(authority) }))
  await host.ok(createDomain())
  await host.ok(personalize(domainAid))
  return host
}

/** What anybody can read of the card: the CASD's keys, if the authority vouches for them. */
export async function casdOf(host: Host, authority: Pair) {
  await raw(host.card, '0070000001')
  await raw(host.card, `01A404000C${aids.casd}00`)
  const store = await raw(host.card, '81CABF2100')
  await raw(host.card, '00708001')
  const points = casdPoints(bytes(store.slice(0, -4)), authority.point, verifyP256)
  if (points === undefined) throw new Error('the authority does not vouch for this card')
  return points
}

export const binding = { securityDomain: domainAid, card: manufactured.iccid }
export const asked: Omit<KeySetUp, 'scenario'> = { keyType: keyTypes.AES, keyLength: 16, keyVersion: 0x31 }

/** In blocks, as it is longer than one; the answer of the last. */
export async function storeAll(host: Host, stream: Uint8Array): Promise<ResponseApdu> {
  const blocks = cutBlocks(stream, 200)
  const commands = blocks.map((data, p2) => storeData(data, { p2, last: p2 === blocks.length - 1, answer: true }))
  for (const command of commands.slice(0, -1)) await host.ok(command)
  return host.send(commands.at(-1) ?? storeData(stream))
}

const pushed =
  (change: { owner?: (authority: Pair) => Owner; domain?: Uint8Array; agreement?: Uint8Array } = {}): Way =>
  async () => {
    const authority = newPair()
    const host = await withEmptyDomain(authority)
    const { agreement } = await casdOf(host, authority)
    const owner = (change.owner ?? newOwner)(authority)
    const to = { ...binding, securityDomain: change.domain ?? domainAid }
    await storeAll(host, pushKeys(owner, asked, newKeys, to, change.agreement ?? agreement).stream)
    return host.card
  }

export const setUpWays = {
  'set-up.none': async () => {
    const host = await opened()
    await host.ok(createDomain())
    await host.ok(personalize(domainAid))
    const { stream } = pushKeys(newOwner(newPair()), asked, newKeys, binding, newPair().point)
    await storeAll(host, stream)
    return host.card
  },
  'set-up.certificate': pushed({ owner: () => newOwner(newPair()) }),
  'set-up.signature': pushed({ domain: bytes('A00000006203FF') }),
  'set-up.sealed': pushed({ agreement: newPair().point }),
} as const satisfies Partial<Record<RuleId, Way>>
